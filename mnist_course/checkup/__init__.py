"`check_setup`: ask a training set-up the questions to which you know the answer, before the first epoch"
import warnings
from .registry import CHECKS,graph,verdict
from .reader import split
from .report import Report,Row
from .restore import unchanged
from .setup import arguments,leaves_of,prepare
from . import data,loss,metric,training # the checks, in this order

def check_setup(
    dls, # fastai's `DataLoaders`, a pair of loaders of `(xb,yb)`, or a `Learner` or `BasicLearner` with all the rest
    model=None, # An `nn.Module` or a function of inputs; returns scores, probabilities or their logs, (n,) or (n,k)
    loss_func=None, # Called on predictions and labels; the labels are (n,), (n,1) or one-hot, as the loaders give them
    metrics=(), # One function of predictions and labels, or several
    lr:float=None, # Learning rate; without one, it isn't checked
    opt_func=None, # Called on parameters and `lr=`; returns an optimizer. Default: plain SGD
    params=None, # What the optimizer is given, tensors or groups; default: the module's, or all that a function needs
    step=None, # A training step of your own, called on `xb,yb`, to be tried in place of one with `opt_func`
)->Report: # With `ok`, the names in `wrong` and in `crashed`, and the `rows` of the table
    """Try out a set-up for training a classifier, part by part, and change nothing.

    Batches are handed on as plain tensors, as fastai's `Learner` does. Raises `TypeError` or `ValueError` if a part is
    missing or the training loader empty."""
    s = arguments(dls, model, loss_func, metrics, lr, opt_func, params, step)
    with warnings.catch_warnings(action='ignore'):
        prepare(s)
        with unchanged(s): return Report([verdict(s, c) for c in CHECKS.values()])

from .callback import CheckSetup # and the method `check_setup` of fastai's `Learner`

__all__ = ['check_setup','Report','CheckSetup','graph','split','leaves_of']
