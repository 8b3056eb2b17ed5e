"""`check_setup` on set-ups by somebody who had not read it: faults are named truly, and sound ones are let pass

By default a fair sample of them is asked about; `pytest -m slow` asks about all, and trains the sound ones.
The counts: `pytest -n 0 -m slow -s tests/checkup/test_blind.py -k counts`."""
import random,re
from functools import cache

from . import blind_faulty,blind_sound # noqa: F401, they enter their set-ups
import pytest,torch
from .blind_setups import FAULTY,SOUND
from mnist_course.checkup import check_setup
from mnist_course.learner import BasicLearner
from mnist_course.manual_sgd import calc_grad
from mnist_course.optimizer import BasicOptim
from torch import nn

N_SAMPLE = 20 # set-ups of each sort in a default run
CRASHED = re.compile(r'(Error|Exception|Warning)\b|Traceback|\braises? [A-Z]')

def sampled(cases, seed):
    "Parameters for all cases, of which all but a sample are slow"
    few = {o.name for o in random.Random(seed).sample(cases, N_SAMPLE)}
    return [pytest.param(o, id=o.name, marks=[] if o.name in few else pytest.mark.slow) for o in cases]

@cache
def lines(name):
    "What is said about the set-up of this name: verdict, and 'group: check: text' without the set-up's own name"
    case = next(o for o in FAULTY+SOUND if o.name==name)
    rows = check_setup(**case.make()).rows
    return [(o.verdict, f'{o.group}: {o.check}: {o.text}'.replace(name, 'it')) for o in rows]

def wrong(case): return [o for verdict,o in lines(case.name) if verdict=='wrong']
def text(line): return line.split(': ', 2)[2]
def unnamed(case): return [o for o in case.says if not any(re.search(o, text(l), re.I) for l in wrong(case))]
def false(case): return [o for o in wrong(case) if re.search(case.never, o, re.I)]
def crashed(case): return [l for _,l in lines(case.name) if CRASHED.search(text(l))]

@pytest.mark.parametrize('case', sampled(FAULTY, 1))
def test_a_fault_is_named_truly(case):
    assert wrong(case), 'nothing was found'
    assert not false(case) and not unnamed(case), '\n'.join(wrong(case))

@pytest.mark.parametrize('case', sampled(SOUND, 2))
def test_a_sound_set_up_passes(case):
    assert not wrong(case), '\n'.join(wrong(case))
    assert not crashed(case), '\n'.join(crashed(case))

def fit(epochs, dls, model, loss_func, metrics, lr, opt_func=BasicOptim, params=None, step=None):
    "Train as the set-up says, and return the first metric on all validation items"
    train,valid = (dls.train,dls.valid) if hasattr(dls, 'train') else dls
    if step is None:
        opt = opt_func([o for o in params or model.parameters() if o.requires_grad], lr=lr)
        def step(xb, yb):
            calc_grad(xb, yb, model, loss_func)
            opt.step()
            opt.zero_grad()
    for _ in range(epochs):
        for xb,yb in train: step(xb, yb)
    if isinstance(model, nn.Module): model.eval()
    metric = metrics if callable(metrics) else metrics[0]
    with torch.no_grad(): scores = [(float(metric(model(xb), yb)), len(xb)) for xb,yb in valid]
    return sum(o*n for o,n in scores)/sum(n for _,n in scores)

def fit_learner(epochs, learn):
    "Train a `Learner`, ours or fastai's, and return its first metric"
    if isinstance(learn, BasicLearner):
        learn.fit(epochs)
        return learn.recorder[-1][learn.metrics[0].__name__]
    import fastai.callback.progress # noqa: F401, adds `no_bar`
    with learn.no_bar(), learn.no_logging():
        learn.fit(epochs)
        return learn.validate()[1]

@pytest.mark.slow
@pytest.mark.parametrize('case', SOUND, ids=lambda o: o.name)
def test_a_sound_set_up_trains(case):
    setup = case.make()
    torch.manual_seed(1)
    reached = fit(case.epochs, **setup) if 'model' in setup else fit_learner(case.epochs, setup['dls'])
    assert reached > case.reaches

@pytest.mark.slow
def test_counts():
    "Says how many of each kind were found and named, and how many sound ones were called wrong"
    for kind in sorted({o.kind for o in FAULTY}):
        cases = [o for o in FAULTY if o.kind==kind]
        found = [o for o in cases if wrong(o)]
        named,misled = sum(not unnamed(o) for o in found),[o.name for o in cases if false(o)]
        print(f'{kind}: {len(cases)} faulty, {len(found)} rejected, {named} named; a false sentence for {misled};',
            f'missed: {[o.name for o in cases if o not in found]}')
    alarms,broken = [o.name for o in SOUND if wrong(o)],[o.name for o in SOUND if crashed(o)]
    print(f'{len(SOUND)} sound; false alarms: {len(alarms)} {alarms}; checks crashed: {len(broken)} {broken}')
    assert len(FAULTY)>=60 and len(SOUND)>=60
    assert all(len([o for o in FAULTY if o.kind==k])>=3 for k in '367')
