"""Set-ups for `check_setup`: it names the fault of a faulty one and no other, and says nothing of a sound one

A set-up is a function that returns the arguments of `check_setup`. `@faulty('loss: broadcast')` says what is wrong
with one (if it names two checks, either will do), `also` which genuine second faults it has, and `says` what its
sentence must hold; `@sound` says that nothing is. The last test of `test_report.py` prints the counts."""
import math,operator,random,re
from collections import Counter
from functools import cache,partial
from types import SimpleNamespace

import numpy as np,pytest,torch,torch.nn.functional as F
from torch import nn,tensor
from torch.utils.data import DataLoader as TorchLoader,Dataset,TensorDataset

from mnist_course.cross_entropy import accuracy,cross_entropy # before fastai: a warning of its import is silenced
from mnist_course.data import load_mnist
from mnist_course.learner import BasicLearner,get_dls,simple_net
from mnist_course.loss_functions import init_params,linear1,mnist_loss,sample_xy
from mnist_course.manual_sgd import batch_accuracy
from mnist_course.optimizer import BasicOptim
from mnist_course.checkup import check_setup
from mnist_course.checkup.registry import CHECKS
from mnist_course.ten_digits import mnist_xy
from fastai.data.core import DataLoaders,Datasets
from fastai.data.load import DataLoader
from fastai.learner import Learner
from fastai.losses import BCEWithLogitsLossFlat,CrossEntropyLossFlat,FocalLossFlat
from fastai.metrics import accuracy as fastai_accuracy,accuracy_multi,error_rate
from fastai.optimizer import SGD,Adam,OptimWrapper,RMSProp
from fastai.torch_core import TensorCategory,TensorImageBW,set_seed
from fastai.vision.core import PILImage

torch.set_num_threads(1)

SEEDS,FAULTY,SOUND = {},{},{}
RIGHT = dict(sound=set(), faulty=set(), seeds=set()) # The names of those that were judged rightly

def register(table, f, *what):
    assert f.__name__ not in {**SEEDS,**FAULTY,**SOUND}, f'there are two set-ups {f.__name__}'
    table[f.__name__] = f,*what
    return f

def faulty(*names, also=(), says=''):
    "`check_setup` has to name one of `names`, and nothing besides but `also`, in a sentence with the pattern `says`"
    assert names and {*names,*also} <= {*CHECKS}
    return lambda f: register(FAULTY, f, {*names}, {*also}, says)

def seed(*names):
    "`check_setup` has to name all of `names`; the set-up may have other faults"
    assert names and {*names} <= {*CHECKS}
    return lambda f: register(SEEDS, f, {*names})

def sound(f): return register(SOUND, f)

def set_ups(table, module): return [name for name,(f,*_) in table.items() if f.__module__==module]

def sound_in(module): return set_ups(SOUND, module)

def faulty_in(module, most=2):
    "The names of a module's faulty set-ups; further ones of a fault that some have already are slow tests"
    seen,res = Counter(),[]
    for name in set_ups(FAULTY, module):
        faults,says = frozenset(FAULTY[name][1]),FAULTY[name][3]
        seen[faults] += not says
        res.append(pytest.param(name, marks=[pytest.mark.slow]*(not says and seen[faults]>most)))
    return res

@cache
def check(name, seed=0):
    "The report on a set-up, after the seeds have been set"
    make = {**SEEDS,**FAULTY,**SOUND}[name][0]
    set_seed(seed)
    report = check_setup(**make())
    assert_consistent(report)
    return report

def assert_consistent(report):
    assert [f'{o.group}: {o.check}' for o in report.rows] == [*CHECKS]
    assert all(o.verdict in ('ok','wrong','not checked','crashed') for o in report.rows)
    assert report.ok is (not report.wrong and not report.crashed)

def assert_named(name):
    report = check(name)
    _,names,also,says = FAULTY[name]
    assert names & {*report.wrong}, f'{names} is not in {report.wrong}\n{report}'
    assert {*report.wrong} <= names|also, f'{report.wrong} is more than {names|also}\n{report}'
    assert any(re.search(says, o.text) for o in report.rows if o.verdict=='wrong'), f'it does not say {says}\n{report}'
    assert not report.crashed, report
    RIGHT['faulty'].add(name)

def assert_sound(name):
    report = check(name)
    assert report.wrong==[] and report.ok, report
    RIGHT['sound'].add(name)


# Data: pairs (x,y) for training and validation

@cache
def read(xy, n):
    "`n` training and 300 validation items of what `xy` returns, in a mixed order"
    g,res = torch.Generator().manual_seed(0),[]
    for split,m in (('train',n),('test',300)):
        x,y = xy(split)
        i = torch.randperm(len(x), generator=g)[:m]
        res.append((x[i],y[i]))
    return res

def items(xy, y=None, x=None, n=1000):
    "Items as `read` gives them, after `x` has been applied to the inputs and `y` to the labels"
    return [(xs if x is None else x(xs), ys if y is None else y(ys)) for xs,ys in read(xy, n)]

two = partial(items, sample_xy) # 3s and 7s: labels (n,1), 1 for a 3 and 0 for a 7
ten = partial(items, mnist_xy)  # all digits: labels (n,)

def flat(y): return y.view(-1)
def column(y): return y.view(-1, 1)
def floats(y): return y.float()
def flat_floats(y): return y.view(-1).float()
def signs10(y): return onehot10(y)*2-1
def onehot2(y): return F.one_hot(y.view(-1), 2)
def onehot10(y): return F.one_hot(y, 10).float()
def images(x): return x.view(-1, 1, 28, 28)
def grey(x): return x*255
def standard(x): return (x-0.1307)/0.3081
def other_order(y): return y[torch.randperm(len(y), generator=torch.Generator().manual_seed(1))]
def by_label(xy):
    i = xy[1].view(len(xy[1]), -1)[:,-1].sort(stable=True).indices
    return xy[0][i],xy[1][i]
def sort(data): return [by_label(o) for o in data]

def toy(make, n=600, n_valid=200, **kw):
    "Training and validation items of a generated data set"
    return [make(m, torch.Generator().manual_seed(i), **kw) for i,m in enumerate((n,n_valid))]

def blobs(n, g, k=3, n_in=8, width=0.7):
    y = torch.randint(0, k, (n,), generator=g)
    centres = torch.randn(k, n_in, generator=torch.Generator().manual_seed(9))
    return centres[y] + width*torch.randn(n, n_in, generator=g),y

def moons(n, g):
    y,angle = torch.randint(0, 2, (n,), generator=g),math.pi*torch.rand(n, generator=g)
    x = torch.stack([angle.cos(),angle.sin()], 1)
    return torch.where(y[:,None]==1, tensor([1.,0.5])-x, x) + 0.08*torch.randn(n, 2, generator=g),y[:,None]

def spiral(n, g):
    y,r = torch.randint(0, 2, (n,), generator=g),torch.rand(n, generator=g).sqrt()
    angle = 4*r + math.pi*y
    return torch.stack([angle.cos(),angle.sin()], 1)*r[:,None] + 0.02*torch.randn(n, 2, generator=g),y

def xor(n, g, noise=0.15):
    bits = torch.randint(0, 2, (n,2), generator=g)
    return bits*2.-1 + noise*torch.randn(n, 2, generator=g),(bits[:,0]^bits[:,1])[:,None].float()

def rare(data, share=9):
    "Ten times as many 7s as 3s, roughly"
    def keep(y): return (y.view(-1)==0) | (torch.arange(len(y))%share==0)
    return [(x[keep(y)],y[keep(y)]) for x,y in data]


# Loaders: pairs of a training and a validation one

def torch_dls(train, valid, bs=64, **kw):
    return TorchLoader(TensorDataset(*train), bs, **{'shuffle':True,**kw}),TorchLoader(TensorDataset(*valid), bs)

fast_dls = partial(get_dls, bs=64)
def fast_dls_unshuffled(train, valid, bs=64):
    return DataLoaders(*(DataLoader(list(zip(*o)), bs=bs) for o in (train,valid)))

def batches(xy, bs=64): return list(zip(*(o.split(bs) for o in xy)))
def list_dls(train, valid, bs=64): return batches(train, bs),batches(valid, bs)

class Batches:
    "A loader of one's own: it shuffles and gives tensors"
    def __init__(self, x, y, bs=64): self.x,self.y,self.bs = x,y,bs
    def __iter__(self): return ((self.x[i],self.y[i]) for i in torch.randperm(len(self.x)).split(self.bs))

class PerItem(Dataset):
    def __init__(self, xy, item): self.xy,self.item = xy,item
    def __len__(self): return len(self.xy[0])
    def __getitem__(self, i): return self.item(self.xy[0][i], self.xy[1][i])


# Models

def linear(k=1, std=0.01, n_in=784):
    "Parameters and a function that uses them"
    w,b = init_params((n_in,k), std),init_params(k, std)
    return [w,b],partial(linear1, weights=w, bias=b)

def net(*last, n_out=10, n_in=784, nh=30):
    return nn.Sequential(nn.Linear(n_in,nh), nn.ReLU(), nn.Linear(nh,n_out), *last)

def conv_net(norm=False, n_out=10):
    def layer(a, b): return [nn.Conv2d(a, b, 3, stride=2, padding=1),*[nn.BatchNorm2d(b)]*norm,nn.ReLU()]
    return nn.Sequential(*layer(1,8), *layer(8,16), nn.Flatten(), nn.Linear(784,n_out))

def normal(model, std=1.):
    for p in model.parameters(): nn.init.normal_(p, std=std)
    return model

class Wrap(nn.Module):
    "A module whose `forward` is a function of itself and `x`, over the given parts"
    def __init__(self, f, **parts):
        super().__init__()
        self.f = f
        for k,v in parts.items(): setattr(self, k, v)
    def forward(self, x): return self.f(self, x)

def fitted(model, train, loss_func, steps=60, lr=0.01):
    "`model` after some steps of Adam"
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    for i in range(steps):
        xb,yb = (o[i*64%960:][:64] for o in train)
        loss_func(model(xb), yb).backward()
        opt.step()
        opt.zero_grad()
    return model


# Losses and metrics, as people write them: `p` predictions, `y` labels

def distance(p, y): return torch.where(y==1, 1-p, p).mean()
def sigmoid_distance(p, y): return distance(p.sigmoid(), y)
def right_column(p, y): return p[range(len(y)), y]
def hit(p, y): return (p.argmax(1)==y).float().mean()
def one_hot_hit(p, y): return (p.argmax(1)==y.argmax(1)).float().mean()
def first_column(p, y): return ((p.softmax(1)[:,0]>0.5) == y).float().mean()
def second_column(p, y): return ((p.softmax(1)[:,1]>0.5) == y).float().mean()
def over_0(p, y): return ((p>0)==y).float().mean()
def over_half(p, y): return ((p>0.5)==y).float().mean()

def by_hand(data, k=1, std=0.01, dls=fast_dls, lr=None, **kw):
    "A linear model by hand"
    params,model = linear(k, std, data[0][0].shape[1])
    return dict(dls=dls(*data), model=model, params=params, lr=lr, **kw)

def one_column(dls, **kw): return dict(dls=dls, model=simple_net(), loss_func=mnist_loss, **kw)
def ten_columns(dls, model=None, loss_func=F.cross_entropy, **kw):
    return dict(dls=dls, model=net() if model is None else model, loss_func=loss_func, **kw)
