"`check_setup` as a part of fastai's `Learner`, and how much memory it takes"
import subprocess,sys
from pathlib import Path

import fastai.callback.progress # no_bar and no_logging
from fastai.callback.schedule import lr_find # and fit_one_cycle
from mnist_course.checkup import CheckSetup
from .setups import *

def learner(loss_func=F.cross_entropy, **kw):
    return Learner(fast_dls(*ten()), net(), loss_func, metrics=fastai_accuracy, opt_func=SGD, **kw)

def downhill(p, y): return -F.cross_entropy(p, y)

def fit(learn, *cbs, lr=0.1, fit='fit'):
    "Train an epoch without a word; whether any weight has changed"
    before = [p.detach().clone() for p in learn.model.parameters()]
    with learn.no_bar(),learn.no_logging(): getattr(learn, fit)(1, lr, cbs=list(cbs))
    return any(not torch.equal(a, b) for a,b in zip(before, learn.model.parameters()))

def test_learner_has_it_as_a_method():
    set_seed(0)
    assert learner(lr=0.1).check_setup().ok
    assert learner().check_setup(lr=100.).wrong==['training: learning rate']

def test_callback_asks_before_the_first_epoch_and_once(capsys):
    set_seed(0)
    learn,cb = learner(),CheckSetup()
    assert fit(learn, cb)
    assert cb.report.ok and cb.report.headline() in capsys.readouterr().out
    assert fit(learn, cb)
    assert cb.report.headline() not in capsys.readouterr().out

def test_callback_ends_a_fit_in_which_something_is_wrong(capsys):
    set_seed(0)
    learn,cb = learner(downhill),CheckSetup()
    assert not fit(learn, cb)
    assert cb.report.wrong==['loss: direction'] and 'wrong: loss: direction' in capsys.readouterr().out

def test_callback_may_go_on_all_the_same():
    set_seed(0)
    assert fit(learner(downhill), CheckSetup(stop=False), lr=1e-4)

@pytest.mark.parametrize('how', ['fit','fit_one_cycle'])
def test_callback_asks_about_the_rate_of_this_fit(how):
    set_seed(0)
    cb = CheckSetup()
    assert not fit(learner(lr=0.1), cb, lr=100., fit=how)
    assert cb.report.wrong==['training: learning rate']

def test_callback_does_not_ask_in_lr_find():
    set_seed(0)
    cb = CheckSetup()
    learn = learner(downhill, cbs=cb)
    with learn.no_bar(),learn.no_logging(): learn.lr_find(num_it=5, show_plot=False, suggest_funcs=None)
    assert cb.report is None

MEMORY = '''
import torch
from mnist_course.checkup import check_setup
from mnist_course.cross_entropy import accuracy,cross_entropy
from mnist_course.learner import get_dls,simple_net
from mnist_course.ten_digits import mnist_xy
def peak():
    return int(next(o for o in open('/proc/self/status') if o.startswith('VmHWM')).split()[1])/1024
def setup(xy, valid): return get_dls(xy, valid), simple_net(30, 10), cross_entropy, accuracy
train,valid = mnist_xy('train'),mnist_xy('test')
check_setup(*setup(*[[o[:500] for o in xy] for xy in (train,valid)]), lr=0.1) # what is loaded for it
parts = setup(train, valid)
open('/proc/self/clear_refs', 'w').write('5') # the peak starts anew
before = peak()
assert check_setup(*parts, lr=0.1).ok
print(peak()-before)
'''

@pytest.mark.skipif(not Path('/proc/self/clear_refs').exists(), reason='Linux tells the peak of memory')
def test_all_of_mnist_takes_less_than_100_mb_more():
    said = subprocess.run([sys.executable,'-c',MEMORY], capture_output=True, text=True, check=True).stdout
    assert float(said) < 100
