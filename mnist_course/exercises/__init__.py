"Checks for the assignments: one function an exercise, called on a learner's own function or class"
from . import bugs,network,optimizer,perceptron,ten_digits,theory
from .bugs import *
from .core import CheckFailed
from .network import *
from .optimizer import *
from .perceptron import *
from .ten_digits import *
from .theory import *

ASSIGNMENTS = { # the checks of each assignment, in order
    '1_perceptron': perceptron.__all__, '2_two_layer_net': network.__all__, '3_optimizer_and_learner': optimizer.__all__,
    '4_ten_digits': ten_digits.__all__, '5_find_the_bug': bugs.__all__, '6_theory': theory.__all__}
