"The check-up as a part of fastai's `Learner`: a method, and a callback that asks before the first epoch"
import numpy as np
from fastai.callback.core import CancelFitException,Callback
from fastai.learner import Learner
from fastcore.basics import patch

POINTS = 21 # At which the largest rate of a schedule is looked for

def rate_of(learn):
    "The learning rate of a fit that is about to begin: the largest of its schedule, if it has one"
    for cb in learn.cbs:
        lr = getattr(cb, 'scheds', {}).get('lr')
        if lr: return float(np.max([lr(i/(POINTS-1)) for i in range(POINTS)]))
    return learn.opt.hypers[-1]['lr']

@patch
def check_setup(self:Learner,
    lr:float=None, # Learning rate; default: that of the `Learner`
): # A `Report`
    "`mnist_course.checkup.check_setup` as a method, which every `Learner` has once `mnist_course.checkup` is imported"
    from . import check_setup
    return check_setup(self, lr=lr)

class CheckSetup(Callback):
    """Asks `check_setup`'s questions before the first epoch, and prints the report

    If something is wrong, `learn.fit_one_cycle(1, cbs=CheckSetup())` ends before it has begun, as training won't mend
    it; `CheckSetup(stop=False)` goes on all the same. It asks once, and not in `lr_find`."""
    def __init__(self,
        stop:bool=True, # End the fit if something is wrong?
    ):
        self.stop,self.report = stop,None

    @property
    def name(self): return 'setup_checker' # by its own name it would hide the method while it is there

    def before_fit(self):
        if self.report is not None or hasattr(self.learn, 'lr_finder') or hasattr(self.learn, 'gather_preds'): return
        self.report = self.learn.check_setup(rate_of(self.learn))
        print(self.report)
        if self.stop and self.report.wrong: raise CancelFitException()
