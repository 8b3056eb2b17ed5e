"Assignment 2: a two-layer net with the built-in parts"
import copy,math,random,traceback
from functools import cache,partial
from importlib import import_module

import torch
from torch import nn
from torch.nn import functional as F

from .core import CheckFailed,Problem,Trial,a_type,bind,fail,judge,same,short,where
from .families import COLUMN_LOSS,accuracy,column_loss,column_metrics
from .inputs import CUT_OFF,labels,mixed,normal,pixels,untouched
from .stages import chains,stage
from .whole import Training,counted,is_linear,trained,why_weak

__all__ = ['check_as_rows', 'check_as_labels', 'check_two_layer_net', 'check_make_dls', 'check_bce_loss',
    'check_score_accuracy', 'check_make_opt', 'check_make_learner', 'check_train_net']

CLASS = ("nn.BCEWithLogitsLoss is a class: nn.BCEWithLogitsLoss(…) makes a loss, and what it makes is then called on "
    "scores and labels.")
KNOWN_ERRORS = { # a part of an error's message, with the name of the function that raised it, and what it means here
    'is not a Module subclass': "nn.Sequential takes modules, one after the other: nn.ReLU() with its brackets, no "
        "F.relu, and no list around them.",
    'before Module.__init__() call': "super().__init__() is missing in __init__: it must come before the first layer.",
    'missing the required "forward"': "The class has no method forward: is it misspelt, or indented so far that it "
        "belongs to __init__?",
    'must be Tensor, not ReLU': "nn.ReLU(h) makes a layer and applies none. F.relu(h) does, and so does nn.ReLU()(h).",
    'mat1 and mat2 shapes': "The sizes of the layers don't fit each other: nn.Linear(i, o) takes i numbers and gives "
        "o, and the next layer takes as many as the last one gave.",
    'collate': "(x, y) is no data set of pairs: its item 0 is all of x, its item 1 all of y. zip pairs them, and list "
        "keeps the pairs.",
    'Can only shuffle an indexed dataset': "A zip can be gone through once, and can't be mixed: make a list of it.",
    "'zip' has no len()": "A zip can be gone through once, and has no length: make a list of it.",
    'all elements of input should be between 0 and 1': "binary_cross_entropy takes probabilities, and these are raw "
        "scores. The one 'with logits' takes scores.",
    'ambiguous in legacy_get_string': CLASS,
    'Target size': "Shapes (n,) and (n,1) meet: leave the scores and the labels as they come, (n,1) both.",
    'Target 1 is out of bounds': "cross_entropy looks for a column with the number of the label. It is for several "
        "columns, and here is one.",
    'cast to the desired output type Long': "The labels are integers, and BCEWithLogitsLoss computes with floats.",
    "has no attribute 'set_hypers'": "fastai's Learner can't drive this optimizer as it is: it sets the rate by "
        "set_hypers. Take fastai's own SGD, or put one of PyTorch's into an OptimWrapper.",
    "'Optimizer' object is not callable": "opt_func is an optimizer, made already, and the Learner wants to make it "
        "itself: what makes one is passed.",
    "unexpected keyword argument 'lr'": "fastai calls opt_func(params, lr=…): the second argument must be called lr.",
    'Could not infer loss function': "The Learner has been given no loss: it is passed as loss_func=.",
}
NO_RELU = "There is no ReLU between the layers (or its result isn't used), and two linear layers in a row are one."

def explained(run):
    "A trial's `run` that names the causes of `KNOWN_ERRORS`"
    def f(g):
        try: return run(g)
        except Exception as e:
            message = f"{e} in {traceback.extract_tb(e.__traceback__)[-1].name}"
            cause = next((text for part,text in KNOWN_ERRORS.items() if part in message), None)
            if not cause: raise
            return Problem(f"{type(e).__name__}: {str(e).splitlines()[0][:160]}{where(e)}", cause)
    return f

def uses(name, res, want, other):
    "`res`, unless it is wrong and another value of the argument `name` gives the same"
    if res is None or same(res, want) or not same(res, other()): return res
    raise CheckFailed(f"{short(res)}, and the same for another {name}",
        f"{name} isn't used: what depends on it is fixed.")


# Images and labels

def described(t): return t,f"{str(t.dtype).removeprefix('torch.')} {tuple(t.shape)}"

def tensor_trial(given, want, show):
    "A trial of a function that makes a float tensor of another, which it must leave as it is"
    def run(f):
        out,_ = untouched(f, x=given)
        if out is None: return
        if isinstance(out, torch.Tensor): return described(out)
        parts = f", {len(out)} × {type(out[0]).__name__}" if isinstance(out, (list,tuple)) and len(out) else ''
        raise CheckFailed(f"something of type {type(out).__name__}{parts}",
            "It was never turned into a tensor: a model computes with one tensor for the whole batch.")
    return Trial(explained(run), described(want), show)

def the_right(stages): return {name: o[0].do for name,o in stages.items()}

def converted(**do):
    "What makes rows or labels by these forms, one after the other"
    def convert(x):
        for o in do.values(): x = o(x)
        return x
    return convert

ROWS = dict(
    scale=stage(lambda x: x.float()/255,
        ("The pixels still go from 0 to 255: divide by 255.", torch.Tensor.float),
        ("It divides by 255 twice.", lambda x: x.float()/255/255),
        ("It divides by 256, and the largest pixel is 255.", lambda x: x.float()/256),
        ("It divides by the largest pixel that it finds, so that pale images come out dark. Divide by 255.",
            lambda x: x.float()/x.max()),
        ("Whole numbers are left, 0 or 1, as by //: divide by / and keep the fractions.", lambda x: (x//255).float()),
        ("It only says where there is ink and where not: the grey levels are lost.", lambda x: x>0, lambda x: x>127),
        ("It is turned inside out: paper is 0 and ink is 1.", lambda x: 1-x.float()/255),
        ("The pixels go from -1 to 1, and should go from 0 to 1.", lambda x: x.float()/127.5-1),
        ("It is standardised, with mean 0 and standard deviation 1. Here the pixels should go from 0 to 1.",
            lambda x: (x.float()-x.float().mean())/x.float().std())),
    shape=stage(lambda x: x.reshape(-1, 784),
        ("The flatten is missing: each image is still 28×28.", lambda x: x),
        ("All images are flattened into a single row: keep the first dimension, the images.", torch.flatten),
        ("There is a row for each pixel, a column for each image: exchange the sizes.", lambda x: x.reshape(784, -1)),
        ("It is transposed: there is a column for each image, and a row is wanted.", lambda x: x.reshape(-1, 784).T),
        ("Rows and columns of each image are exchanged.", lambda x: x.transpose(1, 2).reshape(-1, 784)),
        ("There is a dimension too many: (n,784) is wanted.",
            lambda x: x.reshape(-1, 1, 784), lambda x: x.reshape(1, -1, 784))),
    kind=stage(torch.Tensor.float,
        ("They are whole numbers (uint8): a layer computes with floats.", torch.Tensor.byte),
        ("These are floats of 64 bits, and PyTorch's layers have 32: make them by .float().", torch.Tensor.double)))

def check_as_rows(as_rows):
    "Images (n,28,28), uint8, as float rows (n,784) from 0 to 1"
    first = torch.zeros(1, 28, 28).byte()
    first[0,0,:3] = torch.tensor([255,51,102])
    trials = [tensor_trial(x, x.reshape(-1, 784).float()/255, show) for x,show in (
        (first, "one image whose first three pixels are 255, 51 and 102, and all others 0"),
        (pixels(3, 99), "three pale images, no pixel above 99"), (pixels(40), "40 images"))]
    judge('as_rows', as_rows, trials, chains(converted, ROWS, 3), "chapter 02, 'Images as rows'")

LABELS = dict(
    which=stage(lambda y: (y==3).float(),
        ("It is the wrong way round: the 7s have label 1.", lambda y: (y==7).float()),
        ("These are the digits themselves, 3 and 7, and the labels are 1 for a 3 and 0 for a 7.", torch.Tensor.float),
        ("It counts the 3s and puts them first, but the images are mixed: each label belongs to its own image.",
            lambda y: (y.sort().values==3).float())),
    scale=stage(lambda y: y, ("The labels are 1 and -1: 0 is wanted for a 7.", lambda y: 2*y-1)),
    shape=stage(lambda y: y[:,None],
        ("The labels are (n,), and the scores of the net will be (n,1): is unsqueeze(1) missing?", lambda y: y),
        ("It makes one row, (1,n), and a column is wanted, (n,1). Is it unsqueeze(1)?", lambda y: y[None]),
        ("It is one-hot, a column for each class: the net has one output, so there is one label.",
            lambda y: torch.stack([y, 1-y], 1), lambda y: torch.stack([1-y, y], 1))),
    kind=stage(torch.Tensor.float,
        ("The labels are integers (int64), and BCEWithLogitsLoss computes with floats.", torch.Tensor.long),
        ("The labels are True and False, and BCEWithLogitsLoss computes with floats.", torch.Tensor.bool),
        ("These are floats of 64 bits, and the scores have 32: make them by .float().", torch.Tensor.double)))

def check_as_labels(as_labels):
    "Digits (n,), 3 or 7, as float labels (n,1)"
    trials = [tensor_trial(y, (y==3).float()[:,None], show) for y,show in (
        (torch.tensor([3,7,7]), "tensor([3,7,7])"), (torch.tensor([7]), "tensor([7])"),
        (torch.tensor([7,3,7,3]), "tensor([7,3,7,3])"), (3+4*labels(37), "37 digits in a mixed order"))]
    judge('as_labels', as_labels, trials, chains(converted, LABELS, 3),
        "chapter 02, 'Pairing x with y', and for the shape chapter 01, 'Broadcasting'")


# The model

def fill_in(model, n):
    "Give the parameters known values, whichever way round a layer keeps them; their sizes in words"
    words = []
    for p in model.parameters():
        across = p.dim()==2 and (p.shape[0]==784 and p.shape[1]==n or p.shape==(n,1)) # (in,out), by hand
        size = tuple(p.T.shape) if across else tuple(p.shape)
        alike = ' all alike' if p.dim()==2 and p.numel()>1 and p.std()==0 else ''
        words.append(('×'.join(map(str, size)) or '1') + alike)
        v = normal(p.numel(), seed=p.numel()+(p.dim()>1)).view(size)
        if p.dim()>1: v *= 3/size[-1]**0.5
        with torch.no_grad(): p.copy_(v.T if across else v)
    return ', '.join(words)

def made(f, n):
    "The model that `f` makes with `n` hidden units"
    model = bind(f, n_hidden=n)()
    if isinstance(model, (list,tuple)):
        raise CheckFailed(f"{a_type(model)}", "It returns several layers, no model: nn.Sequential makes one of them.")
    if model is not None and not isinstance(model, nn.Module): raise CheckFailed(f"{a_type(model)}",
        "It returns no model: an nn.Module or an nn.Sequential is wanted, which knows its parameters.")
    return model

def net_trial(n, n_images):
    "A trial of what makes a net, by its parameters' sizes and, if they are right, by scores with known values in them"
    x,sizes = pixels(n_images).view(-1, 784)/255,f'{n}×784, {n}, 1×{n}, 1'
    def scored(model):
        if model is None: return
        model.eval()
        scores,again = model(x),model(x)
        if scores is None: raise CheckFailed("no scores", "forward returns nothing: is `return` missing there?")
        if not torch.equal(scores, again): raise CheckFailed("a model that gives other scores each time",
            "The layers are made anew in forward, each time with new parameters, so what it learns is thrown away. "
            "Make them in __init__.")
        words = fill_in(model, n)
        if not words: raise CheckFailed("a model without parameters", "No parameter is registered: layers in a plain "
            "list, and tensors that are no nn.Parameter, are hidden from an optimizer. Give each layer its own "
            "attribute, or use nn.Sequential.")
        return (words, model(x).detach()) if words==sizes else words
    want = scored(net_of(**the_right(NET))(n))
    many = "image" if n_images==1 else "images"
    return Trial(explained(lambda f: uses('n_hidden', scored(made(f, n)), want, lambda: scored(made(f, n+3)))), want,
        f"n_hidden={n}: the sizes of the parameters, and the scores of {n_images} {many} with known values in them")

def net_of(depth, outputs, bias, between, end, shape):
    "What makes nets of these forms"
    def two_layer_net(n):
        sizes = [*depth(n), outputs]
        *first,last = (nn.Linear(i, o, bias=bias) for i,o in zip(sizes, sizes[1:]))
        return nn.Sequential(*(o for l in first for o in (l,between())), last, end(), shape())
    return two_layer_net

RAW = "the net is to return raw scores."
NET = dict(
    depth=stage(lambda n: [784,n], ("It has one layer only, and two are wanted.", lambda n: [784]),
        ("It has three linear layers, and two are wanted.", lambda n: [784,n,n])),
    outputs=stage(1, ("It has two outputs: for BCEWithLogitsLoss it is one score for each image.", 2),
        ("It has ten outputs: for BCEWithLogitsLoss it is one score for each image.", 10)),
    bias=stage(True, ("The layers have no bias.", False)),
    between=stage(nn.ReLU, (NO_RELU, nn.Identity), *((f"Between the layers is a {word}: a ReLU is wanted.", o)
        for o,word in ((nn.Sigmoid,'sigmoid'), (nn.Tanh,'tanh'), (partial(nn.Softmax, dim=1),'softmax'),
            (nn.LeakyReLU,'leaky ReLU'), (nn.GELU,'GELU')))),
    end=stage(nn.Identity,
        ("There is a ReLU after the last layer, so no score is ever negative. Leave it out.", nn.ReLU),
        (f"There is a sigmoid after the last layer, and BCEWithLogitsLoss has one inside: {RAW}", nn.Sigmoid),
        (f"There is a tanh after the last layer: {RAW}", nn.Tanh),
        (f"A softmax over a single column is always 1: {RAW}", partial(nn.Softmax, dim=1)),
        (f"A log_softmax over a single column is always 0: {RAW}", partial(nn.LogSoftmax, dim=1))),
    shape=stage(nn.Identity,
        ("The scores come as (n,), and (n,1) is wanted: leave out the squeeze.", partial(nn.Flatten, 0))))

def check_two_layer_net(two_layer_net):
    "Parameters and scores of the nets that it makes"
    read = "chapter 05, 'Two layers' and '`simple_net` in PyTorch'"
    if isinstance(two_layer_net, nn.Module): fail('two_layer_net', f"a model was given, {a_type(two_layer_net)}",
        "It is one ready model, and what makes a new one is wanted: a function, or a class.", read)
    judge('two_layer_net', two_layer_net, [net_trial(7, 1), net_trial(30, 5)], chains(net_of, NET), read)


# Loaders

def items(*numbers): return torch.tensor([[o, o/2] for o in numbers]),torch.tensor([[o//3%2] for o in numbers]).float()

TRAIN,VALID = items(*range(1, 13)),items(*range(101, 106))

def loaders(f, bs):
    "The `DataLoaders` that `f` makes of these items"
    dls = bind(f, train=tuple(o.clone() for o in TRAIN), valid=tuple(o.clone() for o in VALID), bs=bs)()
    if dls is None: return
    if isinstance(dls, (tuple,list)): raise CheckFailed(f"{a_type(dls)} of {len(dls)}",
        "These are loaders by themselves: DataLoaders(train_loader, valid_loader) makes one object of them.")
    if not hasattr(dls, 'train'): raise CheckFailed(f"{a_type(dls)}", "It is one loader, a DataLoader, where fastai's "
        "DataLoaders belongs, the pair of one for training and one for validation. Mind the s.")
    if len(getattr(dls, 'loaders', (1,2)))<2: raise CheckFailed("a DataLoaders with one loader",
        "There is no loader for validation in it: DataLoaders takes two.")
    return dls

def batches(dl):
    res = list(dl)
    if all(isinstance(b, (tuple,list)) and len(b)==2 for b in res): return res
    raise CheckFailed("batches that are no pairs", "A batch must be a pair, inputs and labels: are x and y zipped?")

def epoch(dl):
    "The first numbers of all the items that a loader gives, and their labels"
    x,y = map(torch.cat, zip(*batches(dl)))
    return (x if x.dim()>1 else x.view(-1, 2))[:,0],y.flatten()

def shapes(dl): return ' and '.join(str(tuple(o.shape)) for o in batches(dl)[0])
def numbers(dl): return epoch(dl)[0].sort().values
def their_labels(dl):
    x,y = epoch(dl)
    return y[x.argsort()] if len(x)==len(y) else y.sort().values
def order(dl):
    one,two = (epoch(dl)[0] for _ in range(2))
    if not torch.equal(one, two): return "mixed anew for each epoch"
    return "always from 1 to 12" if torch.equal(one, one.sort().values) else "mixed, but the same in each epoch"

LOOKS = [("the first batch of dls.{}", shapes, ('train','valid')),
    ("the items of dls.{}, sorted", numbers, ('train','valid')),
    ("the labels of dls.{}, in the order of the items", their_labels, ('train','valid')),
    ("the order of the items of dls.{} in two epochs", order, ('train',))]

def loader_trials(right):
    "Looks at loaders, one by one, for two sizes of batches; `right` makes what is to be seen"
    def seen(f, bs, look, part):
        dls = loaders(f, bs)
        if dls is not None: return look(getattr(dls, part))
    return [Trial(explained(partial(seen, bs=bs, look=look, part=o)), seen(right, bs, look, o), "12 training items, "
            f"numbered 1 to 12, 5 validation items, 101 to 105, and bs={bs}: {show.format(o)}")
        for show,look,parts in LOOKS for bs in ((4,3) if look is shapes else (4,)) for o in parts]

def loaders_of(data, pair, mix, size, drop):
    "What makes loaders of these forms"
    def make_dls(train, valid, bs):
        from fastai.data.core import DataLoaders
        from fastai.data.load import DataLoader
        train,valid = data(train, valid)
        if mix=='once': train = [o[torch.randperm(len(o), generator=torch.Generator().manual_seed(1))] for o in train]
        dl = DataLoader(list(zip(*pair(*train, True))), bs=size(bs, True), shuffle=mix=='always')
        return DataLoaders(dl, DataLoader(list(zip(*pair(*valid, False))), bs=size(bs, False), drop_last=drop))
    return make_dls

def fixed(n, bs, training): return n
LOADERS = dict(
    data=stage(lambda t,v: (t,v),
        ("The training set serves for validation as well: the metric tells nothing of new images.", lambda t,v: (t,t)),
        ("Training and validation are exchanged.", lambda t,v: (v,t)),
        ("The validation set serves for training as well, in place of the training set.", lambda t,v: (v,v)),
        ("The two are joined, so that the net trains on the images that it is judged by.",
            lambda t,v: ([torch.cat(o) for o in zip(t, v)],v))),
    pair=stage(lambda x,y,training: (x,y),
        ("x is paired with x: zip(x, y) is wanted.", lambda x,y,training: (x,x)),
        ("x is paired with x for training: zip(x, y) is wanted.", lambda x,y,training: (x,x) if training else (x,y)),
        ("Pairs are the wrong way round: x comes first, then y.", lambda x,y,training: (y,x))),
    mix=stage('always', ("The training loader doesn't shuffle: DataLoader does so only when it is told to.", 'never'),
        ("The items were mixed once, before, so that each epoch has the same order: let the loader shuffle.", 'once')),
    size=stage(lambda bs,training: bs,
        ("Without bs the loader gives single items, and no batches: pass it on.", lambda bs,training: None),
        ("bs isn't used: the size of the batches is fixed.", *(partial(fixed, n) for n in (1,2,3,4,8,64))),
        ("bs isn't used for validation.", lambda bs,training: bs if training else 64)),
    drop=stage(False, ("The last, smaller batch of validation is dropped: some images are never judged.", True)))

def check_make_dls(make_dls):
    "fastai's `DataLoaders` of small sets: sizes, items, pairs and order"
    judge('make_dls', make_dls, loader_trials(loaders_of(**the_right(LOADERS))), chains(loaders_of, LOADERS),
        "chapter 03, 'Mini-batches and `DataLoader`', and chapter 05, '`DataLoaders`'")


# Loss, metric and optimizer

def column(*values): return torch.tensor(values)[:,None]

PAIRS = [(preds, yb.float(), show or f"preds = {short(preds)}, yb = {short(yb.float())}") for preds,yb,show in (
    (column(2., -1.), column(1, 1), ''), (*mixed(37), "37 random scores with mixed labels"),
    (*mixed(211, 2), "211 others"), (column(60., -60., 40., -40., 50.), column(0, 1, 1, 1, 1), ''))]

FAR = ("far from 0 the sigmoid rounds to 0 or 1, and there the logarithm or its gradient is lost. The loss 'with "
    "logits' does both in one go.")
LARGE = 40 # Scores from which on a sigmoid is 0 or 1
LOG_OF_SIGMOID = f"The logarithm of a sigmoid: {FAR}"
LOG_OF_SCORES = "The logarithm is taken of raw scores: the sigmoid is missing."

def loss_and_slope(f, preds, yb):
    "A loss and its gradient for the scores, or the loss alone where it has none"
    p = preds.clone().requires_grad_()
    out = bind(f, preds=p, yb=yb.clone())()
    if isinstance(out, nn.Module): raise CheckFailed(f"{a_type(out)}", CLASS)
    if not isinstance(out, torch.Tensor) or not out.requires_grad: return out
    out = out.as_subclass(torch.Tensor)
    if out.numel()==1: out = out.reshape(())
    res = out,torch.autograd.grad(out.sum(), p)[0][:,0]
    if all(o.isfinite().all() for o in res): return res
    far = p.abs().max()>=LARGE
    raise CheckFailed("nan or infinity, in the loss or its gradient", LOG_OF_SIGMOID if far else LOG_OF_SCORES)

def bce(p, y): return F.softplus(p) - y*p
EPS = 1e-3,1e-4,1e-5,1e-6,1e-7,1e-8,1e-9,1e-10,1e-12
def added(eps): return lambda p,y: -(of_right(p.sigmoid(), y)+eps).log()
def clamped(eps): return lambda p,y: -of_right(p.sigmoid().clamp(eps, 1-eps), y).log()
def of_right(p, y): return torch.where(y==1, p, 1-p) # as probabilities
BCE = dict(COLUMN_LOSS,
    probs=stage(lambda p: p, ("The scores go through a sigmoid first, and BCEWithLogitsLoss has one inside: that is "
        "one too many. Hand it the raw scores.", torch.sigmoid)),
    item=stage(bce,
        ("The labels are the wrong way round.", lambda p,y: bce(p, 1-y)),
        ("Labels and scores are exchanged: the scores come first.", lambda p,y: bce(y, p)),
        (LOG_OF_SIGMOID, lambda p,y: -of_right(p.sigmoid(), y).log(),
            lambda p,y: F.binary_cross_entropy(p.sigmoid(), y, reduction='none')),
        ("A small number keeps the logarithm from 0: a sure mistake costs too little, and is hardly ever unlearned. "
            "The loss 'with logits' needs none.", *(f(eps) for eps in EPS for f in (added,clamped))),
        (LOG_OF_SCORES, lambda p,y: -of_right(p, y).log()),
        ("This is cross-entropy for several columns. Its softmax over a single column is always 1, so the loss is 0.",
            lambda p,y: F.cross_entropy(p, y)),
        ("This is the mnist_loss of chapter 02, a distance.", lambda p,y: 1-of_right(p.sigmoid(), y)),
        ("This is a squared error, and no cross-entropy.", lambda p,y: (p.sigmoid()-y)**2),
        ("This is a squared error of raw scores, and no cross-entropy.", lambda p,y: (p-y)**2),
        ("It only has the half for label 1: what a 7 costs is missing.", lambda p,y: -y*F.logsigmoid(p)),
        ("It only has the half for label 0: what a 3 costs is missing.", lambda p,y: (y-1)*F.logsigmoid(-p))))

ONE_IMAGE = column(0.3),column(1.),"preds = tensor([[0.3]]), yb = tensor([[1.]])"

def check_bce_loss(bce_loss):
    "Value and gradient of binary cross-entropy on raw scores"
    right = F.binary_cross_entropy_with_logits
    trials = [Trial(explained(partial(loss_and_slope, preds=p, yb=y)), loss_and_slope(right, p, y),
        f"{show}: the loss, and its gradient for the scores") for p,y,show in (*PAIRS, ONE_IMAGE)]
    judge('bce_loss', bce_loss, trials, [(CUT_OFF, lambda p,y: right(p, y).item()), *chains(column_loss, BCE)],
        "chapter 06, 'A sure mistake', and the page of nn.BCEWithLogitsLoss in PyTorch's documentation")

def check_score_accuracy(score_accuracy):
    "Share of raw scores on the right side of 0"
    trials = [Trial(lambda f,p=p,y=y: untouched(f, preds=p, yb=y)[0], accuracy(p, y), show) for p,y,show in (*PAIRS,
        (*mixed(337, 4), "337 others"), ONE_IMAGE)]
    judge('score_accuracy', score_accuracy, trials, column_metrics(),
        "chapter 03, '`batch_accuracy` and `validate_epoch`', and for shapes chapter 01, 'Broadcasting'")

def opt_of(kind, which, mom, wd):
    "What makes optimizers of these forms"
    def make_opt(params, lr):
        from fastai import optimizer
        if kind=='Adam': return optimizer.Adam(which(params), lr=lr)
        return optimizer.SGD(which(params), lr=lr, mom=mom, wd=wd)
    return make_opt

OPT = dict(
    kind=stage('SGD', ("This is Adam, and plain SGD is wanted.", 'Adam')),
    which=stage(lambda params: params,
        ("The steps change nothing: the optimizer was made for other parameters than those that are passed.",
            lambda params: [torch.zeros(1)]),
        ("It has only been given the first of the parameters.", lambda params: list(params)[:1]),
        ("It has only been given the last of the parameters.", lambda params: list(params)[-1:])),
    mom=stage(0., ("It has momentum: plain SGD has none.", 0.9, 0.5, 0.99)),
    wd=stage(0., ("It has weight decay: plain SGD has none.", 0.01, 0.1, 0.001)))

STARTS = torch.tensor([1.,2.]),torch.tensor([[3.],[4.]])
GRADS = (torch.tensor([1.,-2.]),torch.tensor([[0.5],[2.]])),(torch.tensor([2.,1.]),torch.tensor([[-1.],[4.]]))

def stepped(f, lr, form):
    "Parameters, handed over as a list or a generator, after two steps of what `f` makes"
    params = [o.clone().requires_grad_() for o in STARTS]
    opt = f(form(params), lr=lr)
    if opt is None: return
    if isinstance(opt, type) or callable(opt) and not hasattr(opt, 'step'):
        raise CheckFailed(f"{a_type(opt)}, which is no optimizer",
            "It returns what makes an optimizer: call it, on the parameters and the rate.")
    if not hasattr(opt, 'step'):
        raise CheckFailed(f"{a_type(opt)}", "It returns no optimizer, which would have step and zero_grad.")
    opt.set_hypers # fastai's Learner needs it
    for gs in GRADS:
        for p,g in zip(params, gs): p.grad = g.clone() if p.grad is None else p.grad+g
        opt.step()
        opt.zero_grad()
    return [o.detach() for o in params]

def check_make_opt(make_opt):
    "Two steps on parameters that it hasn't seen, at two rates"
    read = "chapter 04, 'Four ways to train', and chapter 05, 'fastai's `Learner`'"
    if hasattr(make_opt, 'step') and not isinstance(make_opt, type):
        fail('make_opt', f"what was given is {a_type(make_opt)}", "It is a ready optimizer, made for one model's "
            "parameters. opt_func must be what makes one, once the Learner has its model.", read)
    def trial(lr, form, show):
        want = [p-lr*(g+h) for p,g,h in zip(STARTS, *GRADS)]
        def run(f): return uses('lr', stepped(f, lr, form), want, lambda: stepped(f, 2*lr, form))
        return Trial(explained(run), want,
            f"{show} [1, 2] and [[3], [4]], lr={lr}, and two steps along given gradients: the parameters")
    trials = [trial(0.5, list, "a list of parameters"), trial(0.125, iter, "a generator of parameters")]
    judge('make_opt', make_opt, trials, chains(opt_of, OPT), read)


# The whole

class TooLong(Exception): "More than ten epochs"

class Watched(list):
    "Pairs of a data set, which count how often they are read"
    reads,limit = 0,math.inf
    def __getitem__(self, i):
        self.reads += 1
        if self.reads > self.limit: raise TooLong
        return super().__getitem__(i)
    def __iter__(self):
        for i in range(len(self)): yield self[i]

@cache
def pairs(split):
    from ..loss_functions import sample_xy
    x,y = sample_xy(split)
    return list(zip(x, y.float()))

def digit_loaders(n_train=None, n_valid=None):
    "fastai's `DataLoaders` of 3s and 7s, from pairs that are `Watched`"
    from fastai.data.core import DataLoaders
    from fastai.data.load import DataLoader
    def some(split, n): return Watched(random.Random(0).sample(pairs(split), n or len(pairs(split))))
    train,valid = DataLoader(some('train', n_train), bs=256, shuffle=True),DataLoader(some('test', n_valid), bs=256)
    train.rng = random.Random(0)
    return DataLoaders(train, valid)

SMALL = "512 digits for training and 256 for validation"
OTHER_MODEL = "The steps change nothing: the optimizer was made for the parameters of another model."

def faults_of(dls, model, learn):
    "What `check_setup` finds wrong with a model and other parts of a `Learner`: names of checks, and what they say"
    from fastai.optimizer import OptimWrapper
    from ..checkup import check_setup
    opt_func = getattr(learn, 'opt_func', None)
    if isinstance(opt_func, OptimWrapper): opt_func = None # one made before is as good
    try: rows = check_setup(dls, model, learn.loss_func, getattr(learn, 'metrics', ()), opt_func=opt_func).rows
    except (TypeError,ValueError) as e: return [('parts',str(e))]
    return [(f'{o.group}: {o.check}', OTHER_MODEL if 'changes no parameter' in o.text else o.text) for o in rows
        if o.verdict=='wrong']

def part_missing(learn, dls):
    "What came, and the cause, if a part of a `Learner` is missing or another than it should be"
    if not hasattr(learn.dls, 'valid'):
        return "a Learner with one loader", "It has one loader, where all of dls belongs, the pair of them."
    if learn.dls.train is not dls.train or learn.dls.valid is not dls.valid:
        return ("a Learner with other loaders than those that were passed",
            "It doesn't use the dls that it is given, but loaders that it makes or that another cell has left behind.")
    for part,value in (('model',learn.model), ('loss_func',learn.loss_func)):
        if isinstance(value, type): return (f"a Learner whose {part} is the class {value.__name__}",
            f"{part} is a class, from which nothing was made: the brackets are missing.")
    if not learn.metrics:
        return "a Learner without a metric", "It has no metric, so the table shows losses only: metrics= is missing."
    faults = faults_of(dls, learn.model, learn)
    if faults: return f"a Learner in which check_setup finds wrong: {', '.join(o for o,_ in faults)}", faults[0][1]
    if is_linear(learn.model, next(iter(dls.valid))[0]): return "a Learner whose model is linear", NO_RELU

def check_make_learner(make_learner):
    "A `Learner` of 512 and 256 digits: what it consists of, what `check_setup` says, and whether it trains"
    from fastai.learner import Learner
    import_module('fastai.callback.progress') # no_bar and no_logging
    def run(f):
        dls = digit_loaders(512, 256)
        learn = bind(f, dls=dls)()
        if learn is None: return
        if not isinstance(learn, Learner):
            raise CheckFailed(a_type(learn), "It returns something else than fastai's Learner.")
        missing = part_missing(learn, dls)
        if missing: raise CheckFailed(*missing)
        before = [p.detach().clone() for p in learn.model.parameters()]
        with learn.no_bar(),learn.no_logging(): learn.fit(1, 0.1)
        if same(list(learn.model.parameters()), before): raise CheckFailed("a fit that changes nothing", OTHER_MODEL)
        return "trains"
    trial = Trial(explained(run), "trains", SMALL, expected="a Learner that trains", limit=5)
    judge('make_learner', make_learner, [trial], read="chapter 05, 'fastai's `Learner`'; chapter 10 for check_setup")

ADVICE = ("It is on its way, and was stopped too early: the learning rate is too small for so few epochs, or the "
    "epochs are too few.")

def untrained(model):
    "A copy of a model with new parameters, or None if it can't make them"
    model = copy.deepcopy(model)
    layers = [m for m in model.modules() if hasattr(m, 'reset_parameters')]
    for m in layers: m.reset_parameters()
    return model if layers else None

def weakness(learn, training):
    "Why what was trained isn't good enough: first of all, what `check_setup` says of a Learner before it is trained"
    fresh = untrained(training.model)
    if fresh is not None and hasattr(learn, 'loss_func'):
        faults = faults_of(digit_loaders(512, 256), fresh, learn)
        if faults: return f"check_setup finds '{faults[0][0]}' wrong. {faults[0][1]}"
    return why_weak(training, ADVICE)

def trained_by(f, dls):
    "The network that `f` trains on loaders, and what was seen; without what only the whole data can show"
    train = dls.train.dataset
    train.limit = 10.2*len(train) + 110*256 # room for lr_find, of 100 batches
    try: res,steps = trained(f, dls=dls)
    except TooLong:
        raise CheckFailed("more than ten epochs", "It takes more than ten epochs: at a larger rate a few are enough.")
    model = getattr(res, 'model', res)
    if model is not None and not isinstance(model, nn.Module): raise CheckFailed(f"{a_type(model)}",
        "It returns neither a Learner nor a model: what was trained is wanted, so that it can be judged.")
    return res,model,steps

def comes_back(f):
    _,model,_ = trained_by(f, digit_loaders(512, 256))
    if model is not None: return "comes back"

def above_98(f):
    "What the net that `f` trains says to all validation digits"
    dls = digit_loaders()
    learn,model,steps = trained_by(f, dls)
    if model is None: return
    x,y = map(torch.stack, zip(*pairs('test')))
    share,scores = counted(model, x, y)
    came = f"{share:.2%} of the validation digits right"
    if not dls.train.dataset.reads: raise CheckFailed(f"{came}, from a model that has never seen the training digits",
        "It trains on the validation set, which dls holds as well." if dls.valid.dataset.reads
        else "It never reads dls.train: does it call fit, and on a Learner with the dls that it is given?")
    if share<=0.98: raise CheckFailed(came, weakness(learn, Training(steps, model, x, scores, share)))
    return "above"

def check_train_net(train_net):
    "What the trained net says to the validation digits"
    judge('train_net', train_net, [
        Trial(explained(comes_back), "comes back", SMALL, expected="a Learner or a model"),
        Trial(explained(above_98), "above", "12,396 digits for training and 2,038 for validation", limit=8,
            expected="more than 98% of the validation digits right")],
        read="chapter 05, 'Forty epochs' and 'Was it the layer?'")
