"The name that `mnist_course.exercises` had before 0.2, for assignments that are handed out already"
import sys
from . import exercises

for name,module in list(sys.modules.items()): # `from mnist_course.checks.perceptron import *` makes no second copy
    if name.startswith(f'{exercises.__name__}.'): sys.modules[name.replace(exercises.__name__, __name__)] = module
sys.modules[__name__] = exercises
