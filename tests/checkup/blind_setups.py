"""What the set-ups share that somebody wrote who had not read `check_setup`: faulty ones and sound but unusual ones

A set-up is a function that returns arguments of `check_setup`, or the part in which it differs from a sound one.
`says` are words that a true sentence about a fault holds, one pattern for each fault; `never` are words, or the name
of a check at the start of a line, that would be false."""
from dataclasses import dataclass
from functools import cache,partial
from types import SimpleNamespace

import torch
from torch import nn
from torch.nn import functional as F

from mnist_course.cross_entropy import accuracy,cross_entropy
from mnist_course.learner import get_dls,simple_net
from mnist_course.loss_functions import mnist_loss,sample_xy
from mnist_course.manual_sgd import batch_accuracy,calc_grad
from mnist_course.ten_digits import mnist_xy

N_TRAIN,N_VALID = 4000,1000
EVERY = 4 # of the 3s and 7s we take one in so many, since they come sorted
NOTHING = r'(?!)' # matches nothing

@dataclass
class Case:
    "A set-up, as a function that builds it, and what is to be said about it"
    name:str
    build:object
    says:tuple = ()
    never:str = NOTHING
    kind:str = 'forum'
    reaches:float = 0.
    epochs:int = 3

    def make(self):
        "The arguments of `check_setup`, the same ones each time"
        torch.manual_seed(0)
        return self.build()

FAULTY,SOUND = [],[]

@cache
def tens():
    "Some of all ten digits, to train and to validate with"
    return tuple(tuple(o[:n].clone() for o in mnist_xy(split)) for split,n in (('train',N_TRAIN),('test',N_VALID)))

@cache
def twos():
    "Some 3s and 7s, to train and to validate with; the labels are a column"
    return tuple(tuple(o[::EVERY].clone() for o in sample_xy(split)) for split in ('train','test'))

def ten(train=None, valid=None, bs=64, **changes):
    "A sound set-up for ten digits, but for what is changed"
    dls = get_dls(train or tens()[0], valid or tens()[1], bs=bs)
    return {**dict(dls=dls, model=simple_net(30, 10), loss_func=cross_entropy, metrics=accuracy, lr=0.3), **changes}

def two(train=None, valid=None, bs=64, **changes):
    "A sound set-up for 3s and 7s, but for what is changed"
    dls = get_dls(train or twos()[0], valid or twos()[1], bs=bs)
    return {**dict(dls=dls, model=simple_net(), loss_func=mnist_loss, metrics=batch_accuracy, lr=1.), **changes}

def images(n_train=2000, n_valid=500, **changes):
    "A sound set-up for ten digits as images with a channel, but for what is changed"
    train,valid = ((x[:n].view(-1, 1, 28, 28),y[:n]) for (x,y),n in zip(tens(), (n_train,n_valid)))
    return ten(train, valid, **{'model': small_conv(), **changes})

def small_conv(*end):
    "A convnet of three layers, and what comes behind it"
    convs = nn.Conv2d(1, 8, 5, stride=2, padding=2),nn.ReLU(),nn.Conv2d(8, 16, 3, stride=2, padding=1),nn.ReLU()
    return nn.Sequential(*convs, nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Linear(144, 10), *end)

def with_part(of, part, f, changes):
    "The sound set-up `of`, with `f` for one of its parts: `model` and `step` are built by it"
    if part=='step':
        net = simple_net(30, 10)
        return of(**{**dict(model=net, step=partial(f, net, SimpleNamespace(n=0)), lr=None), **changes})
    return of(**{part: f() if part in ('model','train','valid','dls') else f}, **changes)

def faulty(says, never=NOTHING, part=None, of=ten, kind='forum', **changes):
    "Enter a function as a faulty set-up, or as the faulty part of one"
    def enter(f):
        build = f if part is None else partial(with_part, of, part, f, changes)
        FAULTY.append(Case(f.__name__, build, (says,) if isinstance(says, str) else says, never, kind))
        return f
    return enter

def sound(reaches=0.75, part=None, of=ten, epochs=3, kind='forum', **changes):
    "Enter a function as a sound set-up, or as the unusual part of one, which gets to this accuracy in so many epochs"
    def enter(f):
        build = f if part is None else partial(with_part, of, part, f, changes)
        SOUND.append(Case(f.__name__, build, kind=kind, reaches=reaches, epochs=epochs))
        return f
    return enter

def hot(y, n=10): return F.one_hot(y, n).float()
def hits(p, y): return (p.argmax(1)==y).float().mean()
def above_half(p, y): return ((p>0.5)==y.bool()).float().mean()
def back(net, xb, yb): return calc_grad(xb, yb, net, cross_entropy)

@torch.no_grad()
def move(net, lr):
    for p in net.parameters(): p -= lr*p.grad

def clear(net):
    for p in net.parameters(): p.grad = None

@cache
def pictures():
    "fastai's `DataLoaders` for images in memory, some of all ten digits"
    from fastai.vision.all import CategoryBlock,DataBlock,ImageBlock,IndexSplitter,PILImageBW
    x,y = tens()[0]
    x,y = (x.view(-1, 28, 28)*255).byte().numpy(),y.tolist()
    block = DataBlock((ImageBlock(cls=PILImageBW),CategoryBlock), splitter=IndexSplitter(range(500, 640)),
        get_x=lambda i: PILImageBW.create(x[i]), get_y=lambda i: y[i])
    return block.dataloaders(range(640), bs=50, num_workers=0, device='cpu')

def picture_learner(model=None, loss_func=F.cross_entropy, lr=0.02, **kwargs):
    "fastai's `Learner` on those images; its batches hold fastai's own types of tensors"
    from fastai.vision.all import Learner
    from fastai.metrics import accuracy as its_accuracy
    kwargs = {'metrics': its_accuracy, **kwargs}
    return dict(dls=Learner(pictures(), model or small_conv(), loss_func=loss_func, lr=lr, **kwargs))
