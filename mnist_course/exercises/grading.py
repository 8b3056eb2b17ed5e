"For nbgrader: what it does to a copy before it grades it"
from nbgrader.preprocessors import CheckCellMetadata,ClearOutput,DeduplicateIds,NbGraderPreprocessor
from nbgrader.preprocessors import OverwriteCells,OverwriteKernelspec

from .command import assignment_of

REFUSED = ("refused: the cells {} of assignment {} are missing or have lost their marks. Ask for a fresh copy with "
    "the answers put in.")

class Refuse(NbGraderPreprocessor):
    """Raise an error that says what is wrong with a copy that has lost its marks; the autograder goes on to the next

    Nbgrader alone gives it 0 points without a word."""
    def preprocess(self, nb, resources):
        name,missing = assignment_of(nb)
        if missing: raise ValueError(REFUSED.format(', '.join(missing), name))
        return nb,resources

class TakeTheLast(DeduplicateIds):
    """Of cells that were copied with their marks, the last counts

    Nbgrader alone leaves empty marks on the others, and then takes them for a format so old that it grades nobody."""
    def preprocess(self, nb, resources):
        nb,resources = super().preprocess(nb, resources)
        for c in nb.cells:
            if c.metadata.get('nbgrader')=={}: del c.metadata['nbgrader']
        return nb,resources

# Nbgrader's own steps, with ours in place of one and before them all
PREPROCESSORS = [Refuse,ClearOutput,TakeTheLast,OverwriteKernelspec,OverwriteCells,CheckCellMetadata]
