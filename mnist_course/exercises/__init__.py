"Checks for the assignments: one function an exercise, called on a learner's own function or class"
from . import bugs,network,optimizer,perceptron,ten_digits,theory
from .origin import NotYours,own
from .trials import CheckFailed

MODULES = {'1_perceptron': perceptron, '2_two_layer_net': network, '3_optimizer_and_learner': optimizer,
    '4_ten_digits': ten_digits, '5_find_the_bug': bugs, '6_theory': theory}
ASSIGNMENTS = {name: module.__all__ for name,module in MODULES.items()} # the checks of each, in order

for module in MODULES.values():
    for name in module.__all__:
        check = own(getattr(module, name))
        setattr(module, name, check) # for `from mnist_course.exercises.perceptron import *`
        globals()[name] = check

__all__ = ['CheckFailed', 'NotYours', 'ASSIGNMENTS', *(check for checks in ASSIGNMENTS.values() for check in checks)]
