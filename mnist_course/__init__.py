import warnings

# fastai 2.8 scripts two functions while it is imported, and torch 2.15 warns of that: nothing its user can act on.
warnings.filterwarnings('ignore', message='`torch.jit.script` is deprecated', category=FutureWarning)
