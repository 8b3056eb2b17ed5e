"Assignment 2: a two-layer net with the built-in parts"
import copy,functools,math,random,traceback

import torch
from torch import nn
from torch.nn import functional as F

from .core import CheckFailed,Problem,Trial,a_type,bind,fail,judge,same,short,where
from .perceptron import accuracy,mixed
from .stages import Form,chains
from .whole import Training,counted,is_linear,trained,why_weak

__all__ = ['check_as_rows', 'check_as_labels', 'check_two_layer_net', 'check_make_dls', 'check_bce_loss',
    'check_score_accuracy', 'check_make_opt', 'check_make_learner', 'check_train_net']

SIZES = ("The sizes of the layers don't fit each other: nn.Linear(i, o) takes i numbers and gives o, and the next layer "
    "takes as many as the last one gave.")
CLASS = ("nn.BCEWithLogitsLoss is a class: nn.BCEWithLogitsLoss(…) makes a loss, and what it makes is then called on scores and "
    "labels.")
KNOWN_ERRORS = { # a part of an error's message, with the name of the function that raised it, and what it means here
    "Float can't be cast to the desired output type Byte":
        "/= and div_ work in place, and whole numbers (uint8) have no room for fractions. Make floats of them first.",
    'is not a Module subclass':
        "nn.Sequential takes modules, one after the other: nn.ReLU() with its brackets, no F.relu, and no list around them.",
    'before Module.__init__() call': "super().__init__() is missing in __init__: it must come before the first layer.",
    'missing the required "forward"':
        "The class has no method forward: is it misspelt, or indented so far that it belongs to __init__?",
    'must be Tensor, not ReLU': "nn.ReLU(h) makes a layer and applies none. F.relu(h) does, and so does nn.ReLU()(h).",
    'mat1 and mat2 shapes': SIZES,
    'collate':
        "(x, y) is no data set of pairs: its item 0 is all of x, its item 1 all of y. zip pairs them, and list keeps the pairs.",
    'Can only shuffle an indexed dataset': "A zip can be gone through once, and has no order to be mixed: make a list of it.",
    "'zip' has no len()": "A zip can be gone through once, and has no length: make a list of it.",
    'all elements of input should be between 0 and 1':
        "binary_cross_entropy takes probabilities, and these are raw scores. The one 'with logits' takes scores.",
    'ambiguous in legacy_get_string': CLASS,
    'Boolean value of Tensor': "An `if` asks one question, and here is one for each item: torch.where answers them all.",
    'Target size': "Shapes (n,) and (n,1) meet: leave the scores and the labels as they come, (n,1) both.",
    'Target 1 is out of bounds':
        "cross_entropy looks for a column with the number of the label. It is for several columns, and here is one.",
    'cast to the desired output type Long': "The labels are integers here, and BCEWithLogitsLoss computes with floats.",
    "has no attribute 'set_hypers'":
        "fastai's Learner can't drive this optimizer as it is: it sets the rate by set_hypers. Take fastai's own SGD, or put "
        "one of PyTorch's into an OptimWrapper.",
    "'Optimizer' object is not callable":
        "opt_func is an optimizer, made already, and the Learner wants to make it itself: what makes one is passed.",
    "unexpected keyword argument 'lr'": "fastai calls opt_func(params, lr=…): the second argument must have the name lr.",
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
    raise CheckFailed(f"{short(res)}, and the same for another {name}", f"{name} isn't used: what depends on it is fixed.")


# Images and labels

def tensor_trial(given, want, show):
    "A trial of a function that makes a float tensor of another, which it must leave as it is"
    def run(f):
        mine = given.clone()
        out = bind(f, x=mine)()
        if out is None: return
        if not isinstance(out, torch.Tensor):
            parts = f", {len(out)} × {type(out[0]).__name__}" if isinstance(out, (list,tuple)) and len(out) else ''
            raise CheckFailed(f"something of type {type(out).__name__}{parts}",
                "It was never turned into a tensor: a model computes with one tensor for the whole batch.")
        if not torch.equal(mine, given): raise CheckFailed("a result; but what it was given has changed",
            "It changes its input in place, and whoever uses that afterwards will be surprised. Make a new tensor.")
        return out,str(out.dtype).removeprefix('torch.')
    return Trial(explained(run), (want,'float32'), show)

def pixels(n, top, seed=0): return torch.randint(0, top+1, (n,28,28), generator=torch.Generator().manual_seed(seed)).byte()

def converted(**do):
    "What makes rows or labels: which values, on which scale, in which shape, of which type"
    def convert(x):
        for o in do.values(): x = o(x)
        return x
    return convert

INK = "It only says where there is ink and where not: the grey levels are lost."
ONE_MORE = "There is a dimension too many: (n,784) is wanted."
ROWS = dict(
    scale=[Form(lambda x: x.float()/255),
        Form(lambda x: x.float(), "The pixels still go from 0 to 255: divide by 255."),
        Form(lambda x: x.float()/255/255, "It divides by 255 twice."),
        Form(lambda x: x.float()/256, "It divides by 256, and the largest pixel is 255."),
        Form(lambda x: x.float()/x.max(), "It divides by the largest pixel that it finds, so that pale images come out as dark "
            "as others. Divide by 255, whatever the images."),
        Form(lambda x: (x//255).float(), "Whole numbers are left, 0 or 1, as by //: divide by / and keep the fractions."),
        Form(lambda x: (x>0).float(), INK), Form(lambda x: (x>127).float(), INK),
        Form(lambda x: 1-x.float()/255, "It is turned inside out: paper is 0 and ink is 1."),
        Form(lambda x: x.float()/127.5-1, "The pixels go from -1 to 1, and should go from 0 to 1."),
        Form(lambda x: (x.float()-x.float().mean())/x.float().std(),
            "It is standardised, with mean 0 and standard deviation 1. Here the pixels should go from 0 to 1.")],
    shape=[Form(lambda x: x.reshape(-1, 784)),
        Form(lambda x: x, "The flatten is missing: each image is still 28×28."),
        Form(torch.flatten, "All images are flattened into a single row: keep the first dimension, the images."),
        Form(lambda x: x.reshape(784, -1), "It has a row for each pixel and a column for each image: the sizes are exchanged."),
        Form(lambda x: x.reshape(-1, 784).T, "It is transposed: there is a column for each image, and a row is wanted."),
        Form(lambda x: x.transpose(1, 2).reshape(-1, 784), "Rows and columns of each image are exchanged."),
        Form(lambda x: x.reshape(-1, 1, 784), ONE_MORE), Form(lambda x: x.reshape(1, -1, 784), ONE_MORE)],
    kind=[Form(torch.Tensor.float),
        Form(torch.Tensor.byte, "They are whole numbers (uint8): a layer computes with floats."),
        Form(torch.Tensor.double, "These are floats of 64 bits, and the layers of PyTorch have 32: make them by .float().")])

def check_as_rows(as_rows):
    "Images (n,28,28), uint8, as float rows (n,784) from 0 to 1"
    first = torch.zeros(1, 28, 28).byte()
    first[0,0,:3] = torch.tensor([255,51,102])
    trials = [tensor_trial(x, x.reshape(-1, 784).float()/255, show) for x,show in (
        (first, "one image whose first three pixels are 255, 51 and 102, and all others 0"),
        (pixels(3, 99), "three pale images, no pixel above 99"), (pixels(40, 255), "40 images"))]
    judge('as_rows', as_rows, trials, chains(converted, ROWS), "chapter 02, 'Images as rows'")

ONE_HOT = "It is one-hot, a column for each class: the net has one output, so there is one label."
LABELS = dict(
    which=[Form(lambda y: (y==3).float()),
        Form(lambda y: (y==7).float(), "It is the wrong way round: the 7s have label 1."),
        Form(lambda y: y.float(), "These are the digits themselves, 3 and 7, and the labels are 1 for a 3 and 0 for a 7."),
        Form(lambda y: (y.sort().values==3).float(), "It counts the 3s and puts them first, but the images are in a mixed order: "
            "each label belongs to its own image.")],
    scale=[Form(lambda y: y), Form(lambda y: 2*y-1, "The labels are 1 and -1: 0 is wanted for a 7.")],
    shape=[Form(lambda y: y[:,None]),
        Form(lambda y: y, "The labels are (n,), and the scores of the net will be (n,1): is unsqueeze(1) missing?"),
        Form(lambda y: y[None], "It makes one row, (1,n), and a column is wanted, (n,1): unsqueeze has the wrong dimension."),
        Form(lambda y: torch.stack([y, 1-y], 1), ONE_HOT), Form(lambda y: torch.stack([1-y, y], 1), ONE_HOT)],
    kind=[Form(torch.Tensor.float),
        Form(torch.Tensor.long, "The labels are integers (int64), and BCEWithLogitsLoss computes with floats."),
        Form(torch.Tensor.bool, "The labels are True and False, and BCEWithLogitsLoss computes with floats."),
        Form(torch.Tensor.double, "These are floats of 64 bits, and the scores have 32: make them by .float().")])

def check_as_labels(as_labels):
    "Digits (n,), 3 or 7, as float labels (n,1)"
    many = torch.tensor([3,7])[torch.randint(0, 2, (37,), generator=torch.Generator().manual_seed(0))]
    trials = [tensor_trial(y, (y==3).float()[:,None], show) for y,show in (
        (torch.tensor([3,7,7]), "tensor([3,7,7])"), (torch.tensor([7]), "tensor([7])"),
        (torch.tensor([7,3,7,3]), "tensor([7,3,7,3])"), (many, "37 digits in a mixed order"))]
    judge('as_labels', as_labels, trials, chains(converted, LABELS), "chapter 02, 'Pairing x with y' and 'Broadcasting'")


# The model

def fill_in(model, n):
    "Give the parameters known values, whichever way round a layer keeps them; their sizes in words"
    words = []
    for p in model.parameters():
        across = p.dim()==2 and (p.shape[0]==784 and p.shape[1]==n or p.shape==(n,1)) # (in,out), by hand
        size = tuple(p.T.shape) if across else tuple(p.shape)
        alike = ' all alike' if p.dim()==2 and p.numel()>1 and p.std()==0 else ''
        words.append(('×'.join(map(str, size)) or '1') + alike)
        v = torch.randn(p.numel(), generator=torch.Generator().manual_seed(p.numel()+(p.dim()>1))).view(size)
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
    "A trial of what makes a net, by the sizes of its parameters and, if they are right, the scores with known values in them"
    x,sizes = pixels(n_images, 255).view(-1, 784)/255,f'{n}×784, {n}, 1×{n}, 1'
    def scored(model):
        if model is None: return
        model.eval()
        scores,again = model(x),model(x)
        if scores is None: raise CheckFailed("a model that gives no scores", "forward returns nothing: is `return` missing there?")
        if not torch.equal(scores, again): raise CheckFailed("a model that gives other scores each time",
            "The layers are made anew in forward, each time with new parameters, so what it learns is thrown away. Make them in "
            "__init__.")
        words = fill_in(model, n)
        if not words: raise CheckFailed("a model without parameters", "No parameter is registered: layers in a plain list, and "
            "tensors that are no nn.Parameter, are hidden from an optimizer. Give each layer its own attribute, or use "
            "nn.Sequential.")
        return (words, model(x).detach()) if words==sizes else words
    want = scored(net_of(**RIGHT_NET)(n))
    many = "image" if n_images==1 else "images"
    return Trial(explained(lambda f: uses('n_hidden', scored(made(f, n)), want, lambda: scored(made(f, n+3)))), want,
        f"n_hidden={n}: the sizes of the parameters, and the scores of {n_images} {many} once known values are put into them")

def net_of(depth, outputs, bias, between, end, shape):
    "What makes nets of these forms"
    def two_layer_net(n):
        sizes = [*depth(n), outputs]
        *first,last = (nn.Linear(i, o, bias=bias) for i,o in zip(sizes, sizes[1:]))
        return nn.Sequential(*(o for l in first for o in (l,between())), last, end(), shape())
    return two_layer_net

RAW = "the net is to return raw scores."
NET = dict(
    depth=[Form(lambda n: [784,n]), Form(lambda n: [784], "It has one layer only, and two are wanted."),
        Form(lambda n: [784,n,n], "It has three linear layers, and two are wanted.")],
    outputs=[Form(1), *(Form(n, f"It has {word} outputs: for BCEWithLogitsLoss it is one score for each image.")
        for n,word in ((2,'two'),(10,'ten')))],
    bias=[Form(True), Form(False, "The layers have no bias.")],
    between=[Form(nn.ReLU), Form(nn.Identity, NO_RELU),
        *(Form(o, f"Between the layers is a {word}: a ReLU is wanted.") for o,word in ((nn.Sigmoid,'sigmoid'), (nn.Tanh,'tanh'),
            (functools.partial(nn.Softmax, dim=1),'softmax'), (nn.LeakyReLU,'leaky ReLU'), (nn.GELU,'GELU')))],
    end=[Form(nn.Identity),
        Form(nn.ReLU, "There is a ReLU after the last layer, so no score is ever negative. Leave it out."),
        Form(nn.Sigmoid, f"There is a sigmoid after the last layer, and BCEWithLogitsLoss has one inside: {RAW}"),
        Form(nn.Tanh, f"There is a tanh after the last layer: {RAW}"),
        Form(functools.partial(nn.Softmax, dim=1), f"A softmax over a single column is always 1: {RAW}"),
        Form(functools.partial(nn.LogSoftmax, dim=1), f"A log_softmax over a single column is always 0: {RAW}")],
    shape=[Form(nn.Identity),
        Form(functools.partial(nn.Flatten, 0), "The scores come as (n,), and (n,1) is wanted: leave out the squeeze.")])
RIGHT_NET = {name: o[0].do for name,o in NET.items()}

def check_two_layer_net(two_layer_net):
    "Parameters and scores of the nets that it makes"
    read = "chapter 05, 'Two layers' and '`simple_net` in PyTorch'"
    if isinstance(two_layer_net, nn.Module): fail('two_layer_net', f"what was given is a model, {a_type(two_layer_net)}",
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
    "Inputs and labels of all the items that a loader gives"
    x,y = map(torch.cat, zip(*batches(dl)))
    return (x,y) if x.dim()>1 else (x.view(-1, 2),y[:,None])

def sizes(dls):
    return ' and '.join(f"x {tuple(x.shape)}, y {tuple(y.shape)}" for x,y in (batches(dls.train)[0],batches(dls.valid)[0]))
def numbers(dls, which): return epoch(getattr(dls, which))[0][:,0].sort().values
def labels(dls, which):
    x,y = epoch(getattr(dls, which))
    return y.flatten()[x[:,0].argsort()] if len(x)==len(y)==y.numel() else y.flatten().sort().values
def order(dls):
    one,two = (epoch(dls.train)[0][:,0] for _ in range(2))
    if not torch.equal(one, two): return "mixed anew for each epoch"
    return "always from 1 to 12" if torch.equal(one, one.sort().values) else "mixed, but the same in each epoch"

def loader_trial(bs, look, want, show):
    "A trial of what makes loaders by a look at them"
    def seen(f, bs):
        dls = loaders(f, bs)
        return dls if dls is None else look(dls)
    def run(f): return uses('bs', seen(f, bs), want, lambda: seen(f, bs+1)) if look is sizes else seen(f, bs)
    return Trial(explained(run), want,
        f"12 training items, numbered 1 to 12, 5 validation items, 101 to 105, and bs={bs}: {show}")

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

LOADERS = dict(
    data=[Form(lambda t,v: (t,v)),
        Form(lambda t,v: (t,t), "The training set serves for validation as well: the metric says nothing about new images."),
        Form(lambda t,v: (v,t), "Training and validation are exchanged."),
        Form(lambda t,v: (v,v), "The validation set serves for training as well, and dls.train is to give the training set."),
        Form(lambda t,v: ([torch.cat(o) for o in zip(t, v)],v), "The two are joined, so that the net trains on the images "
            "that it is judged by.")],
    pair=[Form(lambda x,y,training: (x,y)),
        Form(lambda x,y,training: (x,x), "x is paired with x: zip(x, y) is wanted."),
        Form(lambda x,y,training: (x,x) if training else (x,y), "x is paired with x for training: zip(x, y) is wanted."),
        Form(lambda x,y,training: (y,x), "Pairs are the wrong way round: x comes first, then y.")],
    mix=[Form('always'), Form('never', "The training loader doesn't shuffle: DataLoader does so only when it is told to."),
        Form('once', "The items were mixed once, before, so that each epoch has the same order: let the loader shuffle.")],
    size=[Form(lambda bs,training: bs),
        Form(lambda bs,training: None, "Without bs the loader gives single items, and no batches: pass it on."),
        Form(lambda bs,training: 64, "bs isn't used: the size of the batches is fixed."),
        Form(lambda bs,training: bs if training else 64, "bs isn't used for validation.")],
    drop=[Form(False), Form(True, "The last, smaller batch of validation is dropped, so some images are never judged.")])

def check_make_dls(make_dls):
    "fastai's `DataLoaders` of small sets: sizes, items, pairs and order"
    trials = [loader_trial(bs, sizes, f"x ({bs}, 2), y ({bs}, 1) and x ({bs}, 2), y ({bs}, 1)",
        "the first batch for training and for validation") for bs in (4,3)]
    parts = ('train',TRAIN,"training"),('valid',VALID,"validation")
    trials += [loader_trial(4, functools.partial(numbers, which=o), xy[0][:,0], f"the items of an epoch of {what}, sorted")
        for o,xy,what in parts]
    trials += [loader_trial(4, functools.partial(labels, which=o), xy[1][:,0], f"the labels for {what}, in the order of the items")
        for o,xy,what in parts]
    trials.append(loader_trial(4, order, "mixed anew for each epoch", "the order of the training items in two epochs"))
    judge('make_dls', make_dls, trials, chains(loaders_of, LOADERS),
        "chapter 03, 'Mini-batches and `DataLoader`', and chapter 05, '`DataLoaders`'")


# Loss, metric and optimizer

def column(*values): return torch.tensor(values)[:,None]

PAIRS = [(preds, yb.float(), show or f"preds = {short(preds)}, yb = {short(yb.float())}") for preds,yb,show in (
    (column(2., -1.), column(1, 1), ''), (*mixed(37), "37 random scores with mixed labels"), (column(60., -60., 40., -40.), column(0, 1, 1, 0), ''))]

def check_bce_loss(bce_loss):
    "Value and gradient of binary cross-entropy on raw scores"
    far = "far from 0 the sigmoid rounds to 0 or 1, and there the logarithm or its gradient is lost. The loss 'with logits' does both in one go."
    def trial(preds, yb, show):
        def both(f):
            p,y = preds.clone().requires_grad_(),yb.clone()
            out = bind(f, preds=p, yb=y)()
            if isinstance(out, nn.Module): raise CheckFailed(f"{a_type(out)}", KNOWN_ERRORS['ambiguous in legacy_get_string'])
            if not isinstance(out, torch.Tensor) or not out.requires_grad: return out
            out = out.as_subclass(torch.Tensor)
            res = out,torch.autograd.grad(out.sum(), p)[0][:,0]
            if not all(o.isfinite().all() for o in res): raise CheckFailed(short(res), f"The logarithm of a sigmoid: {far}" if p.abs().max()>=40
                else "The logarithm is taken of raw scores, nan for negative ones: the sigmoid is missing.")
            return res
        return Trial(explained(both), both(F.binary_cross_entropy_with_logits), f"{show}: the loss, and its gradient for the scores")
    bce = F.binary_cross_entropy_with_logits
    judge('bce_loss', bce_loss, [trial(*o) for o in PAIRS], [
        ("It has no gradient: .item(), .detach() or .data cuts it off, and nothing can be learned from a bare number.", lambda p,y: bce(p, y).item()),
        ("The scores go through a sigmoid first, and BCEWithLogitsLoss has one inside: that is one too many. Hand it the raw scores.",
            lambda p,y: bce(p.sigmoid(), y)),
        (f"A sigmoid and then binary_cross_entropy: {far}", lambda p,y: F.binary_cross_entropy(p.sigmoid(), y)),
        ("It takes the sum, and the mean is wanted.", lambda p,y: bce(p, y, reduction='sum')),
        ("It answers for each item: the mean is missing.", lambda p,y: bce(p, y, reduction='none')),
        ("The sign is wrong: it falls as the answers get worse.", lambda p,y: -bce(p, y)),
        ("The labels are the wrong way round.", lambda p,y: bce(p, 1-y)),
        ("Labels and scores are exchanged: the scores come first.", lambda p,y: bce(y, p)),
        ("This is cross-entropy for several columns. Its softmax over a single column is always 1, so the loss is 0 whatever the scores.",
            lambda p,y: F.cross_entropy(p, y)),
        ("This is the mnist_loss of chapter 02: a distance, and no cross-entropy.", lambda p,y: torch.where(y==1, 1-p.sigmoid(), p.sigmoid()).mean()),
        ("This is a squared error, and no cross-entropy.", lambda p,y: F.mse_loss(p.sigmoid(), y)),
        ("This is a squared error of raw scores, and no cross-entropy.", lambda p,y: F.mse_loss(p, y)),
        ("It only has the half for label 1: what a 7 costs is missing.", lambda p,y: -(y*F.logsigmoid(p)).mean()),
        ("Shapes (n,) and (n,1) meet, and broadcasting compares every score with every label.", lambda p,y: bce(*torch.broadcast_tensors(p[:,0], y))),
    ], "chapter 06, 'A sure mistake', and the page of nn.BCEWithLogitsLoss in PyTorch's documentation")

def check_score_accuracy(score_accuracy):
    "Share of raw scores on the right side of 0"
    def trial(preds, yb, show): return Trial(lambda f: bind(f, preds=preds.clone(), yb=yb.clone())(), accuracy(preds, yb), show)
    trials = [trial(*o) for o in PAIRS] + [trial(column(0.3), column(1.), "preds = tensor([[0.3]]), yb = tensor([[1.]])")]
    judge('score_accuracy', score_accuracy, trials, [
        ("The argmax of a single column is always 0, so everything counts as a 7. fastai's accuracy is for a column per class.",
            lambda p,y: (p.argmax(-1)==y[:,0]).float().mean()),
        ("The argmax over dim 0 looks for the image with the largest score, and gives one answer for the whole batch.", lambda p,y: (p.argmax(0)==y).float().mean()),
        ("The threshold of 0.5 belongs to probabilities, and these are raw scores: theirs is 0.", lambda p,y: accuracy(p-0.5, y)),
        ("Every score counts as a 3: after a sigmoid all numbers are above 0, and after two of them above 0.5. Raw scores have their threshold at 0, "
            "and after one sigmoid it is 0.5.", lambda p,y: y.mean()),
        ("It rounds raw scores, so only those that round to 1 or to 0 can be right.", lambda p,y: (p.round()==y).float().mean()),
        ("There is no threshold: scores are compared with labels as if they were labels.", lambda p,y: (p==y).float().mean()),
        ("There is no threshold: probabilities are compared with labels as if they were labels.", lambda p,y: (p.sigmoid()==y).float().mean()),
        ("Shapes (n,) and (n,1) meet, and broadcasting compares every score with every label.", lambda p,y: accuracy(p[:,0], y)),
        ("It counts the right ones: the mean is wanted, and this is the sum.", lambda p,y: ((p>0)==y).sum()),
        ("It answers for each image: no mean is taken.", lambda p,y: (p>0)==y),
        ("It is a percentage: a share goes from 0 to 1.", lambda p,y: 100*accuracy(p, y)),
        ("It is the share of the wrong ones: the comparison is reversed.", lambda p,y: accuracy(-p, y)),
        ("It looks at the answers only, and not whether the labels agree.", lambda p,y: (p>0).float().mean()),
    ], "chapter 03, '`batch_accuracy` and `validate_epoch`', and for shapes chapter 02, 'Broadcasting'")

def opt_of(kind, which, mom, wd):
    "What makes optimizers of these forms"
    def make_opt(params, lr):
        from fastai import optimizer
        if kind=='Adam': return optimizer.Adam(which(params), lr=lr)
        return optimizer.SGD(which(params), lr=lr, mom=mom, wd=wd)
    return make_opt

OPT = dict(
    kind=[Form('SGD'), Form('Adam', "This is Adam, and plain SGD is wanted.")],
    which=[Form(lambda params: params),
        Form(lambda params: [torch.zeros(1)], "The steps change nothing: the optimizer was made for other parameters than those "
            "that are passed."),
        Form(lambda params: list(params)[:1], "It has only been given the first of the parameters."),
        Form(lambda params: list(params)[-1:], "It has only been given the last of the parameters.")],
    mom=[Form(0.), *(Form(o, "It has momentum: plain SGD has none.") for o in (0.9,0.5,0.99))],
    wd=[Form(0.), *(Form(o, "It has weight decay: plain SGD has none.") for o in (0.01,0.1,0.001))])

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
        fail('make_opt', f"what was given is an optimizer, of type {type(make_opt).__name__}", "It is a ready optimizer, made "
            "for one model's parameters. opt_func must be what makes one, once the Learner has its model.", read)
    def trial(lr, form, show):
        want = [p-lr*(g+h) for p,g,h in zip(STARTS, *GRADS)]
        def run(f): return uses('lr', stepped(f, lr, form), want, lambda: stepped(f, 2*lr, form))
        return Trial(explained(run), want,
            f"{show} [1, 2] and [[3], [4]], lr={lr}, and two steps along given gradients: the parameters")
    judge('make_opt', make_opt, [trial(0.5, list, "a list of parameters"), trial(0.125, iter, "a generator of parameters")],
        chains(opt_of, OPT), read)


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

@functools.cache
def pairs(split):
    from ..loss_functions import sample_xy
    x,y = sample_xy(split)
    return list(zip(x, y.float()))

def digit_loaders(n_train=None, n_valid=None):
    "fastai's `DataLoaders` of 3s and 7s, from pairs that are `Watched`"
    from fastai.data.core import DataLoaders
    from fastai.data.load import DataLoader
    train,valid = (Watched(random.Random(0).sample(pairs(split), n or len(pairs(split)))) for split,n in (('train',n_train),('test',n_valid)))
    dls = DataLoaders(DataLoader(train, bs=256, shuffle=True), DataLoader(valid, bs=256))
    dls.train.rng = random.Random(0)
    return dls

OTHER_MODEL = "The steps change nothing: the optimizer was made for the parameters of another model."

def faults_of(dls, model, learn):
    "What `check_setup` finds wrong with a model, and with the other parts of a `Learner` if it has them: names of checks, and what they say"
    from fastai.optimizer import OptimWrapper
    from ..checkup import check_setup
    opt_func = getattr(learn, 'opt_func', None)
    if isinstance(opt_func, OptimWrapper): opt_func = None # one made before is as good
    loss_func,metrics = getattr(learn, 'loss_func', F.binary_cross_entropy_with_logits),getattr(learn, 'metrics', ())
    try: rows = check_setup(dls, model, loss_func, metrics, opt_func=opt_func).rows
    except (TypeError,ValueError) as e: return [('parts',str(e))]
    return [(f'{o.group}: {o.check}', OTHER_MODEL if 'changes no parameter' in o.text else o.text) for o in rows if o.verdict=='wrong']

def check_make_learner(make_learner):
    "A `Learner` of 512 and 256 digits: what it consists of, what `check_setup` says, and whether it trains"
    from fastai.learner import Learner
    import fastai.callback.progress # no_bar and no_logging
    def run(f):
        dls = digit_loaders(512, 256)
        learn = bind(f, dls=dls)()
        if learn is None: return
        if not isinstance(learn, Learner): raise CheckFailed(f"{a_type(learn)}", "It returns something else than fastai's Learner.")
        if not hasattr(learn.dls, 'valid'): raise CheckFailed("a Learner with one loader",
            "It has one loader, where all of dls belongs, the pair of training and validation.")
        if learn.dls.train is not dls.train or learn.dls.valid is not dls.valid: raise CheckFailed("a Learner with other loaders than those that were passed",
            "It doesn't use the dls that it is given, but loaders that it makes or that another cell has left behind.")
        for part,value in (('model',learn.model), ('loss_func',learn.loss_func)):
            if isinstance(value, type): raise CheckFailed(f"a Learner whose {part} is the class {value.__name__}",
                f"{part} is a class, from which nothing was made: the brackets are missing.")
        if not learn.metrics: raise CheckFailed("a Learner without a metric", "It has no metric, so the table will show losses only: metrics= is missing.")
        faults = faults_of(dls, learn.model, learn)
        if faults: raise CheckFailed(f"a Learner in which check_setup finds wrong: {', '.join(o for o,_ in faults)}", faults[0][1])
        if is_linear(learn.model, next(iter(dls.valid))[0]): raise CheckFailed("a Learner whose model is linear", NO_RELU)
        before = [p.detach().clone() for p in learn.model.parameters()]
        with learn.no_bar(),learn.no_logging(): learn.fit(1, 0.1)
        if same(list(learn.model.parameters()), before): raise CheckFailed("a Learner whose fit changes nothing", OTHER_MODEL)
        return "trains"
    judge('make_learner', make_learner, [Trial(explained(run), "trains", "512 digits for training and 256 for validation",
        expected="a Learner that trains", limit=5)],
        read="chapter 05, 'fastai's `Learner`', and chapter 10 for what check_setup says")

ADVICE = ("It is on its way, and was stopped too early: the learning rate is too small for so few epochs, or the epochs are "
    "too few.")

def untrained(model):
    "A copy of a model with new parameters, or None if it can't make them"
    model = copy.deepcopy(model)
    layers = [m for m in model.modules() if hasattr(m, 'reset_parameters')]
    for m in layers: m.reset_parameters()
    return model if layers else None

def weakness(learn, training):
    "Why what was trained isn't good enough: first of all, what `check_setup` says of a Learner before it is trained"
    fresh = untrained(training.model)
    faults = faults_of(digit_loaders(512, 256), fresh, learn) if fresh and hasattr(learn, 'loss_func') else []
    if faults: return f"check_setup finds '{faults[0][0]}' wrong. {faults[0][1]}"
    return why_weak(training, ADVICE)

def trained_by(f, dls):
    "The network that `f` trains on loaders, and what was seen; without what only the whole data can show"
    train = dls.train.dataset
    train.limit = 10.2*len(train) + 110*256 # room for lr_find, of 100 batches
    try: res,steps = trained(f, dls=dls)
    except TooLong: raise CheckFailed("more than ten epochs", "It takes more epochs than ten: with a larger rate a few are enough.")
    model = getattr(res, 'model', res)
    if model is not None and not isinstance(model, nn.Module): raise CheckFailed(f"something of type {type(model).__name__}",
        "It returns neither a Learner nor a model: what was trained is wanted, so that it can be judged.")
    return res,model,steps

def comes_back(f):
    _,model,_ = trained_by(f, digit_loaders(512, 256))
    return model and "comes back"

def above_98(f):
    "What the net that `f` trains says to all validation digits"
    dls = digit_loaders()
    res,model,steps = trained_by(f, dls)
    if model is None: return
    x,y = map(torch.stack, zip(*pairs('test')))
    share,scores = counted(model, x, y)
    if not dls.train.dataset.reads:
        raise CheckFailed(f"{share:.2%} of the validation digits right, from a model that has never seen the training digits",
            "It trains on the validation set, which dls holds as well." if dls.valid.dataset.reads
            else "It never reads dls.train: does it call fit, and on a Learner with the dls that it is given?")
    if share>0.98: return "above"
    raise CheckFailed(f"{share:.2%} of the validation digits right", weakness(res, Training(steps, model, x, scores, share)))

def check_train_net(train_net):
    "What the trained net says to the validation digits"
    judge('train_net', train_net, [
        Trial(explained(comes_back), "comes back", "512 digits for training and 256 for validation",
            expected="a Learner or a model"),
        Trial(explained(above_98), "above", "12,396 digits for training and 2,038 for validation", limit=8,
            expected="more than 98% of the validation digits right")],
        read="chapter 05, 'Forty epochs' and 'Was it the layer?'")
