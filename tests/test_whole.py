"Exercises that train a whole network: what is said of trainings with one fault each"
import copy,random

import numpy as np,pytest,torch
from torch import nn
from torch.nn import functional as F

from mnist_course.exercises.core import CheckFailed
from mnist_course.exercises.inputs import normal
from mnist_course.exercises.whole import Training,counted,is_linear,trained,why_weak

X = normal(600, 20)
Y = (X[:,:2].prod(1)+0.3*X[:,2]>0).float()[:,None] # no straight line tells them apart

torch.manual_seed(0) # the networks below are drawn while this file is read
def net(last=nn.Identity): return nn.Sequential(nn.Linear(20, 30), nn.ReLU(), nn.Linear(30, 1), last())
def bce(p, y): return F.binary_cross_entropy_with_logits(p, y)
def clear(opt): opt.zero_grad()
def step(opt): opt.step()

def training(make=net, loss=bce, lr=0.1, n=30, held=lambda ps: ps, clear=clear, step=step, slope=torch.Tensor.backward,
    y=Y, trained=True):
    "A function that trains a network, and returns it, or else the one that it was"
    def train():
        model = make()
        start = copy.deepcopy(model)
        opt = torch.optim.SGD(held(list(model.parameters())), lr)
        for _ in range(n):
            for xb,yb in zip(X.split(100), y.split(100)):
                slope(loss(model(xb), yb))
                step(opt)
                clear(opt)
        return model if trained else start
    return train

def said(f, y=Y):
    model,steps = trained(f)
    share,scores = counted(model, X, y)
    return why_weak(Training(steps, model, X, scores, share), "Go on.")

def zeros():
    model = net()
    for p in model.parameters(): nn.init.zeros_(p)
    return model

def climb(opt):
    for p in opt.param_groups[0]['params']: p.data += 0.1*p.grad

def noise(p, y): return bce(p, y[torch.randperm(len(y))])
BLUNT = (X[:,:1]+0.3*normal(600, 1, seed=5)>0).float() # a straight line nearly does

@pytest.mark.parametrize('words,how', [
    ("Nothing calls backward", dict(slope=lambda loss: None)),
    ("No parameter ever changes", dict(step=lambda opt: None)),
    ("2 of the 4 parameter tensors never change", dict(held=lambda ps: ps[:2])),
    ("aren't zeroed", dict(clear=lambda opt: None)),
    ("isn't the model that was trained", dict(trained=False)),
    ("uphill", dict(step=climb)),
    ("minus is missing", dict(loss=lambda p,y: -bce(p, y), n=60)),
    ("sigmoid missing", dict(loss=lambda p,y: -(p*(2*y-1)).mean(), lr=0.5)),
    ("a sum where it should be a mean", dict(loss=lambda p,y: len(y)*bce(p, y))),
    ("It diverged", dict(loss=lambda p,y: ((p-y)**2).mean(), lr=1e3)),
    ("Every image gets the same scores", dict(make=zeros)),
    ("ReLU after the last layer", dict(make=lambda: net(nn.ReLU), loss=lambda p,y: ((p-y)**2).mean())),
    ("learning rate is too large", dict(lr=20.)),
    ("hardly moved", dict(lr=1e-5)),
    ("nothing that holds", dict(loss=noise, lr=0.3)),
    ("Go on.", dict(n=12, lr=0.3))])
def test_what_is_wrong_with_a_training_is_said(words, how): assert words in said(training(**how))

def test_a_linear_model_is_told_where_there_is_much_to_learn():
    assert "model is linear" in said(training(make=lambda: nn.Sequential(nn.Linear(20, 1)), y=BLUNT), BLUNT)
    assert is_linear(nn.Linear(20, 1), X) and not is_linear(net(), X)

def test_a_copy_from_the_training_is_no_other_model():
    def f():
        model,best = net(),None
        opt = torch.optim.SGD(model.parameters(), 0.3)
        for i in range(20):
            opt.zero_grad()
            bce(model(X), Y).backward()
            opt.step()
            if i==15: best = copy.deepcopy(model)
        return best
    assert said(f)=="Go on."

def test_gradients_by_autograd_grad_are_seen():
    def f():
        model = net()
        ps = list(model.parameters())
        for _ in range(20):
            gs = torch.autograd.grad(bce(model(X), Y), ps)
            with torch.no_grad():
                for p,g in zip(ps, gs): p += 0.1*g
        return model
    assert "uphill" in said(f)

@pytest.mark.parametrize('model,columns,words', [
    (nn.Linear(20, 2), 1, "One score for each image"), (nn.Linear(20, 1), 10, "a score for each class"),
    (net(nn.Sigmoid), 1, "sigmoid at the end"), (nn.Sequential(nn.Linear(20, 10), nn.Softmax(1)), 10, "softmax")])
def test_what_gives_no_raw_scores_is_not_counted(model, columns, words):
    with pytest.raises(CheckFailed) as e: counted(model, X, Y if columns==1 else torch.zeros(600).long(), columns)
    assert words in e.value.args[1]

def test_the_notebooks_own_chance_is_as_it_was():
    def drawn(): return torch.rand(3).tolist(),np.random.rand(3).tolist(),random.random()
    for f in (torch.manual_seed,np.random.seed,random.seed): f(3)
    want = drawn()
    for f in (torch.manual_seed,np.random.seed,random.seed): f(3)
    assert trained(drawn)[0]==trained(drawn)[0]!=want
    assert drawn()==want
