"""Stand-in pictures for rehearsals: the inputs carried forward, changed by prompt and seed, and labelled.

The story, in reading order: `mood` turns prompt and seed into taste (palette, style, scene, motif), pure; `brush`,
`light`, `scenery` and `accents` are the four things done to a picture; `caption` writes the label; `painting` puts it
all together: a Brief and the input files in, one image file out. The same Brief and inputs give the same bytes. `flat`
is the plain kind, for loads of thousands.
"""
