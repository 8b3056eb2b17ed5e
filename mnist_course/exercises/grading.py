"For nbgrader: a copy without the marks by which it is graded is refused, where nbgrader alone would give it 0 points without a word"
from nbgrader.preprocessors import ClearOutput,DeduplicateIds,NbGraderPreprocessor,OverwriteCells,OverwriteKernelspec,CheckCellMetadata

from .command import assignment_of

class Refuse(NbGraderPreprocessor):
    "Raise an error that says what is wrong with a copy; the autograder logs it and goes on with the others"
    def preprocess(self, nb, resources):
        name,missing = assignment_of(nb)
        if missing: raise ValueError(f"refused: the cells {', '.join(missing)} of assignment {name} are missing or have lost their marks. Ask for a fresh copy with the answers put in.")
        return nb,resources

PREPROCESSORS = [Refuse,ClearOutput,DeduplicateIds,OverwriteKernelspec,OverwriteCells,CheckCellMetadata] # nbgrader's own, after ours
