"Assignment 1: a perceptron by hand"
import inspect,math,warnings
from dataclasses import replace
from functools import cache,partial
from itertools import product

import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader

from ..loss_functions import sample_xy
from .core import CheckFailed,Trial,a_type,attempt,bind,judge,number,same,short
from .families import (BATCH_MEANS,BROADCAST,COLUMN_LOSS,COLUMN_METRIC,DISTANCE,OF_SCORES,PIXEL_MEAN,TOO_EARLY,
    TWO_SIGMOIDS,UNSAFE,accuracy,as_is,by_place,column_loss,column_losses,column_metrics,given,metric,
    mnist_loss,remembered,root_too_early,sloped,staged,takes,tried)
from .inputs import mixed,normal
from .stages import chains,stage,wholes
from .whole import known_chance

__all__ = ['check_rmse', 'check_make_dset', 'check_init_params', 'check_linear1', 'check_sigmoid', 'check_mnist_loss',
    'check_batch_accuracy', 'check_train_epoch', 'check_validate_epoch', 'check_perceptron']

def linear(params): return lambda xb: xb@params[0] + params[1]
def squared_error(preds, yb): return F.mse_loss(preds, yb.float()) # of whole numbers it has no gradient on torch 2.11

def right_of(build, stages):
    "The right answer of a family"
    return build(**{name: forms[0].do for name,forms in stages.items()})

def scores_first(func):
    "`func`, which says so if scores and labels are swapped in a call"
    def called(preds, yb):
        if not yb.is_floating_point() or preds.dtype!=torch.long: return func(preds, yb)
        raise CheckFailed("labels in the place of scores", "The call swaps scores and labels: scores come first.")
    return called


# Pixel similarity and data

def distance_from(measure, mean, form):
    def rmse(images, ideal): return form(measure(images-ideal, mean))
    return rmse

RMSE = dict(DISTANCE,
    mean=stage(PIXEL_MEAN, ("It divides by a fixed 784, and images of another size have another number of pixels.",
        lambda v: v.sum((-1,-2))/784)),
    form=stage(as_is, ("It returns a list, and a tensor is wanted.", torch.Tensor.tolist)))

def check_rmse(rmse):
    "Root mean squared error of images (n,h,w) from an ideal (h,w)"
    def grey(*size, seed): return normal(*size, seed=seed).sigmoid()
    small = torch.tensor([[[0.,1.,0.],[1.,0.,0.]], [[0.,0.,1.],[0.,0.5,0.]]]),torch.tensor([[0.,1.,0.],[0.,0.5,0.]])
    inputs = [(f"images = tensor({small[0].tolist()}), ideal = tensor({small[1].tolist()})", *small),
        ("five random images, 28 by 28", grey(5, 28, 28, seed=1), grey(28, 28, seed=2)),
        ("28 random images, 28 by 28", grey(28, 28, 28, seed=3), grey(28, 28, seed=4))]
    trials = [tried(right_of(distance_from, RMSE), show, images=a, ideal=b) for show,a,b in inputs]
    early = wholes((TOO_EARLY, *(lambda images,ideal,i=i: root_too_early(images-ideal)[i] for i in (0,1))))
    judge('rmse', rmse, trials, [*early, *chains(distance_from, RMSE)],
        "chapter 01, 'How far is it from an ideal?' and 'A mistake to have seen once'")

def pairs(dset):
    "Length and pairs of a data set, or what it is instead"
    if dset is None: return
    if not hasattr(dset, '__len__'): return f"{a_type(dset)}, which has no length"
    if not hasattr(dset, '__getitem__'): return f"{a_type(dset)}, which has no [0]"
    def part(o): return o if isinstance(o, torch.Tensor) else f"the {type(o).__name__} {short(o)}"
    items = [dset[i] for i in range(len(dset))]
    return len(items),[tuple(map(part, o)) if isinstance(o, (tuple,list)) else o for o in items]

def dset_of(order, scale, shape, labels, pair):
    def make_dset(threes, sevens):
        x = shape(scale(torch.cat(order(threes, sevens))))
        return pair(x, labels(len(threes), len(sevens)), len(threes))
    return make_dset

def zipped(x, y, n): return list(zip(x, y))
def as_rows(x): return x.view(-1, 28*28)
def column_of(first, second): return lambda n,m: torch.tensor([first]*n + [second]*m)[:,None]
DSET = dict(
    order=stage(lambda a,b: (a, b),
        ("The images come in another order than the labels: the 3s should be first.", lambda a,b: (b, a))),
    scale=stage(lambda x: x/255, ("The pixels are still bytes up to 255: they must be divided by 255.", as_is),
        ("`//` divides without a remainder, so that nearly all becomes 0. Divide by /.", lambda x: x//255)),
    shape=stage(as_rows, ("Each x is still an image of 28 rows: flatten it into a row of 784.", as_is),
        ("view(784,-1) makes 784 rows, which are no images: each should be a row.", lambda x: x.view(28*28, -1))),
    labels=stage(column_of(1, 0), ("The labels are the wrong way round: 1 for a 3 and 0 for a 7.", column_of(0, 1)),
        ("The labels are (n,) where they should be a column, (n,1), so that each y is (1,). Beside scores (n,1) they "
            "would be broadcast.", lambda n,m: torch.tensor([1]*n + [0]*m)),
        ("The labels are plain numbers: make a tensor of them, and a column of that.", lambda n,m: [1]*n + [0]*m),
        ("The labels are the digits themselves: they should be 1 for a 3 and 0 for a 7.", column_of(3, 7)),
        ("The labels come in another order than the images: 3s should be first.", lambda n,m: column_of(0, 1)(m, n))),
    pair=stage(zipped, ("x is paired with x: the second of a pair should be a label.", lambda x,y,n: list(zip(x, x))),
        ("The 7s come first: the text asks for the 3s and then the 7s.",
            lambda x,y,n: zipped(x, y, n)[n:] + zipped(x, y, n)[:n]),
        ("The 7s are missing. (`zip` stops, without a word, at the end of the shorter one.)",
            lambda x,y,n: zipped(x, y, n)[:n]),
        ("It returns two tensors, all x and all y. A data set gives a pair for each index: pair them.",
            lambda x,y,n: (x, y), lambda x,y,n: [x, y]),
        ("A `zip` can be gone through just once, and has no length: make a list of it.", lambda x,y,n: zip(x, y)),
        ("A loader yields batches. A data set gives a single pair for each index, and a loader is made of it later.",
            lambda x,y,n: DataLoader(zipped(x, y, n)))))

def check_make_dset(make_dset):
    "Pairs of rows (784,) and labels (1,), of the bytes of two stacks of images"
    def bytes_of(n): return torch.arange(n*784).view(n, 28, 28).byte()
    def trial(n, m):
        a,b = bytes_of(n),255-bytes_of(m)
        return Trial(lambda f: pairs(given(f, threes=a, sevens=b)), pairs(right_of(dset_of, DSET)(a, b)),
            f"threes = torch.arange({n}*784).view({n}, 28, 28).byte(), "
            f"sevens = 255-torch.arange({m}*784).view({m}, 28, 28).byte() (its length, then its pairs)")
    both = wholes(("It pairs each 3 with a 7. A pair is an image and its label.",
        lambda a,b: list(zip(as_rows(a)/255, as_rows(b)/255))))
    judge('make_dset', make_dset, [trial(1, 1), trial(2, 5), trial(4, 1)], [*both, *chains(dset_of, DSET)],
        "chapter 02, 'Images as rows' and 'Pairing x with y'")


# Parameters and model

VARIANCES = 'var','variance','sigma2' # So the book called its factor once

def name_of_std(f):
    "What `f` calls the standard deviation"
    return next((n for n in [*inspect.signature(f).parameters][1:] if n not in ('size','shape')), 'std')

def parameters(f, size, **std):
    "What `f` makes of a size and, if it is given, a standard deviation, whatever it calls that"
    p = bind(f, size=size, **{name_of_std(f): v for v in std.values()})()
    if p is None or isinstance(p, torch.Tensor): return p
    raise CheckFailed(short(p), f"It returns {a_type(p)}, where a tensor is wanted.")

def params_of(draw, scale, kind, default):
    def init_params(size, std=default): return kind(scale(draw(size), std))
    return init_params

UNIFORM = "`rand` for `randn`: it is uniform, not normal, wherever it is moved to."
NO_VARIANCE = "The variance isn't the standard deviation: "
PARAMS = dict(
    draw=stage(torch.randn,
        (UNIFORM, torch.rand, lambda size: torch.rand(size)*2-1, lambda size: torch.rand(size)-0.5),
        ("None is negative, as after abs(): they should be on both sides of 0.", lambda size: torch.randn(size).abs()),
        ("All values are 0: nothing in it is random.", torch.zeros),
        ("It sets the seed itself, so that each call gives the same numbers. Leave the seed to whoever calls it.",
            lambda size: torch.randn(size, generator=torch.Generator().manual_seed(0)))),
    scale=stage(torch.mul, ("std is ignored.", lambda v,std: v),
        ("std is added, and should be multiplied.", torch.add), ("It divides by std, and should multiply.", torch.div),
        (NO_VARIANCE+"std is squared.", lambda v,std: v*std**2),
        (NO_VARIANCE+"the root of std is taken.", lambda v,std: v*std**0.5)),
    default=stage(1., ("The default of std isn't 1: where it isn't given, the spread is another.", 0.01, 0.1)),
    kind=stage(torch.Tensor.requires_grad_, ("It asks for no gradient: requires_grad_() is missing.", as_is),
        ("It is no leaf: it is computed from a tensor that required a gradient already, and its own `.grad` will stay "
            "None. Ask for the gradient last.", lambda v: v.requires_grad_()*1),
        ("It is float64, as NumPy's numbers are, and the images are float32: the two can't be multiplied.",
            lambda v: v.double().requires_grad_())))

def check_init_params(init_params):
    "Normal random numbers with a given standard deviation, in a leaf that requires a gradient"
    def kind(f, size):
        p = parameters(f, size)
        if p is None: return
        gradient,leaf = ('a' if o else 'no' for o in (p.requires_grad, p.is_leaf))
        return f"shape {tuple(p.shape)}, {str(p.dtype)[6:]}, requires {gradient} gradient, {leaf} leaf"
    def spread(f, **std):
        unit = std.get('std', 1.)
        with known_chance(): v = parameters(f, (300,100), **std).detach()/unit
        takes_root = name_of_std(f) in VARIANCES and same(v.std(), unit**-0.5, 0.03) # as it may
        if takes_root: v = v*unit**0.5
        return v.mean()/v.std().clamp(min=1),v.std(),(v.abs()>2).float().mean()
    def kind_trial(size, shape):
        wanted = f'shape {shape}, float32, requires a gradient, a leaf'
        return Trial(partial(kind, size=size), wanted, f"size = {size}")
    def trial(show, **std):
        what = "mean, standard deviation and share beyond two of these, in units of std"
        return Trial(partial(spread, **std), (0.,1.,0.0455), f"size = (300,100){show} ({what})", tol=0.03)
    trials = [kind_trial((3,2), (3,2)), kind_trial(5, (5,)), trial(''), trial(', std = 0.1', std=0.1),
        trial(', std = 4.', std=4.),
        Trial(lambda f: not same(parameters(f, 9), parameters(f, 9)), True, "two calls with size = 9: other numbers?")]
    judge('init_params', init_params, trials, chains(params_of, PARAMS),
        "chapter 02, 'A weight for every pixel' and, for leaves, 'Nudging one weight'")

def model_of(multiply, add, end):
    def linear1(xb, weights, bias): return end(add(multiply(xb, weights), bias))
    return linear1

LINEAR = dict(
    multiply=stage(torch.matmul, ("`*` multiplies element by element. A matrix product is written @.", torch.mul),
        ("The factors of the matrix product are the wrong way round: rows of pixels come first.", lambda x,w: w@x),
        ("There is one score, the sum over all the images: a sum without an axis.", lambda x,w: (x*w.T).sum()),
        ("The scores are (n,), where a column (n,1) is wanted. Beside labels (n,1) they would be broadcast to (n,n).",
            lambda x,w: (x*w.T).sum(1)),
        ("It sums over the images, where it should sum over the pixels.", lambda x,w: (x*w.T).sum(0)),
        ("It is a mean over the pixels, not a weighted sum.", lambda x,w: (x*w.T).mean(1, keepdim=True))),
    add=stage(torch.add, ("The bias is missing.", lambda s,b: s), ("The bias is subtracted.", torch.sub),
        ("The bias is multiplied, where it should be added.", torch.mul)),
    end=stage(as_is, ("There is a sigmoid in the model. It belongs in the loss: with both, it is applied twice.",
        torch.sigmoid)))

def check_linear1(linear1):
    "Scores (n,1) of rows (n,p), and their gradients, for a bias (1,) and a 0-d one"
    small = torch.tensor([[1.,2.,0.],[0.,1.,1.]]),torch.tensor([[0.5],[-1.],[2.]])
    inputs = [('', *small, torch.tensor([3.])), ('', *small, torch.tensor(3.)),
        ("seven random rows of 784", normal(7, 784), normal(784, 1, seed=1)/10, normal(1, seed=2))]
    def trials(f, *of):
        return [f(right_of(model_of, LINEAR), *of, show=show, xb=x, weights=w, bias=b) for show,x,w,b in inputs]
    causes = wholes(("The bias is added for every pixel, and counts as often as there are pixels.",
            lambda x,w,b: (x*w.T+b).sum(1, keepdim=True)),
        ("The bias is added to the pixels, before they are multiplied.", lambda x,w,b: (x+b)@w))
    judge('linear1', linear1, staged(linear1, trials(tried), trials(sloped, 'weights', 'bias')),
        [*causes, *chains(model_of, LINEAR)], "chapter 02, 'A weight for every pixel'")

def sigmoid_of(formula, end): return lambda x: end(formula(x))

SIGMOID = dict(
    formula=stage(torch.sigmoid,
        ("The minus in the exponent is missing, so it falls where it should rise.", lambda x: 1/(1+x.exp())),
        ("Brackets are missing: 1/1+exp(-x) is (1/1)+exp(-x).", lambda x: 1/1+(-x).exp()),
        ("The 1 in the denominator is missing.", lambda x: 1/(-x).exp()),
        ("exp(x) overflows far to the right, and infinity divided by infinity is nan. Find a form with exp(-x).",
            lambda x: x.exp()/(1+x.exp())),
        ("It is the hyperbolic tangent, which goes from -1 to 1.", torch.tanh),
        ("It is a step: everything is rounded to 0 or 1, and the slope is lost.", lambda x: (x>0).float()),
        ("It is a softmax: it divides by the sum over all numbers. The sigmoid looks at each by itself.",
            lambda x: x.softmax(0)),
        ("It is a ReLU or a clamp, with corners: the sigmoid is smooth.", lambda x: x.clamp(0, 1), torch.relu),
        ("math.exp takes a single number. torch.exp, or x.exp(), takes a tensor of any shape.",
            lambda x: 1/(1+math.exp(-x)))),
    end=stage(as_is, (TWO_SIGMOIDS, torch.sigmoid), ("It is the logarithm of the sigmoid.", torch.log),
        ("It returns a list of numbers. Compute with the tensor, by torch.exp or x.exp(), all its numbers at once.",
            lambda p: p.flatten().tolist())))

def check_sigmoid(sigmoid):
    "Values and slopes at moderate numbers, and values far out"
    def trials(f, *inputs): return [f(torch.sigmoid, show=f"x = tensor({o})", x=torch.tensor(o)) for o in inputs]
    near,far = ([0.5,1.,-2.], [[3.],[-0.5]]),([100.,-100.], [[-1000.],[1000.]])
    judge('sigmoid', sigmoid, staged(sigmoid, trials(tried, *near), trials(sloped, *near) + trials(tried, *far)),
        chains(sigmoid_of, SIGMOID), "chapter 02, 'sigmoid'")


# Loss and metric

def some_mixed(*sizes): return [(mixed(n), f"{n} random scores with mixed labels") for n in sizes]

def check_mnist_loss(mnist_loss_):
    "Mean distance of the sigmoid from the label, and its gradient, for both shapes and for scores far out"
    small = torch.tensor([[2.],[-1.],[0.5]]),torch.tensor([[1],[0],[0]])
    far = torch.tensor([[100.],[-100.],[-100.],[100.]]),torch.tensor([[1],[1],[0],[0]])
    inputs = [(small, ''), ([o[:,0] for o in small], ''), (far, ''), ([o[:1] for o in small], ''),
        *some_mixed(37, 23, 13)]
    values,slopes = ([f(mnist_loss, show=show, preds=p, yb=y) for (p,y),show in inputs] for f in (tried, sloped))
    judge('mnist_loss', mnist_loss_, staged(mnist_loss_, values, slopes + by_place(mnist_loss_, mnist_loss, *small)),
        column_losses(), "chapter 02, 'sigmoid' and 'mnist_loss, for keeps'")

READ_METRIC = "chapter 03, 'batch_accuracy and validate_epoch'"

def check_batch_accuracy(batch_accuracy):
    "Share of raw scores on the right side of 0, for labels (n,1) and (n,)"
    small = torch.tensor([[2.],[-1.]]),torch.tensor([[1],[0]])
    half = torch.tensor([[0.3],[-1.],[-2.]]),torch.tensor([[1],[0],[1]])
    inputs = [(small, ''), (half, ''), ([o[:,0] for o in small], ''), ([o[:1] for o in half], ''),
        (mixed(5, spread=200), "five scores up to a few hundred"), *some_mixed(37, 61, 89, 113)]
    values = [tried(accuracy, show, preds=p, yb=y) for (p,y),show in inputs]
    judge('batch_accuracy', batch_accuracy, staged(batch_accuracy, values, by_place(batch_accuracy, accuracy, *half)),
        column_metrics(), f"{READ_METRIC}, and for shapes chapter 02, 'Images as rows'")


# Training and validation

def descend(params, lr):
    with torch.no_grad():
        for p in params: p -= lr*p.grad

def shrink(params, lr):
    with torch.no_grad():
        for p in params: p -= lr*p

def climb(params, lr): descend(params, -lr)

def descend_in_graph(params, lr):
    for p in params: p -= lr*p.grad

def replace_all(params, lr):
    with torch.no_grad(): params[:] = [p-lr*p.grad for p in params]

def clear(params, last=True):
    for p in params: p.grad = None

def clear_weights(params, last): clear(params[:1])
def clear_bias(params, last): clear(params[1:])

def clear_last(params, last):
    if last: clear(params)

NEW_TENSOR = "makes a new tensor under an old name. Change what the model computes with in place, under no_grad()."
ONE_IMAGE = "It takes one image a step, where a step should be for the whole batch."
STEPS = dict(
    step=stage(descend, ("It goes uphill: the step needs a minus, or the two cases of the loss are exchanged.", climb),
        ("It moves by a share of the parameter itself. The step goes along the gradient.", shrink),
        ("The step is inside the graph, while PyTorch keeps its record. Take it under torch.no_grad().",
            descend_in_graph)),
    rate=stage(as_is, ("The learning rate is ignored.", lambda lr: 1.),
        ("The learning rate is fixed, and the one that is given is ignored.", lambda lr: 0.1, lambda lr: 0.01)),
    which=stage(as_is, ("The bias is never changed: the step is for the weights alone.", lambda params: params[:1]),
        ("The weights are never changed: the step is for the bias alone.", lambda params: params[1:])),
    clear=stage(clear, ("The gradients are not zeroed, and add up from step to step.", lambda params,last: None),
        ("Only the weights' gradient is zeroed, and the other one adds up from step to step.", clear_weights),
        ("Only the gradient of the bias is zeroed, and the other one adds up from step to step.", clear_bias),
        ("The gradients are zeroed once an epoch, not once a batch, and within it they add up.", clear_last)))
def full(dl): return [[b] for b in dl if len(b[0])>=len(dl[0][0])]
def singles(dl): return [[(x[None],y[None])] for xb,yb in dl for x,y in zip(xb, yb)]
GROUPS = stage(lambda dl: [[b] for b in dl], (ONE_IMAGE, singles), # the batches of each step
    ("A batch that is smaller than the first is left out, such as the last one.", full),
    ("It takes one step an epoch, by the sum of all gradients: the step is behind the loop.", lambda dl: [dl]),
    ("It takes one step an epoch, for the first batch: is there a return in the loop, or is all data one batch?",
        lambda dl: [dl[:1]]),
    ("It takes one step an epoch, for the last batch: backward and step are behind the loop.", lambda dl: [dl[-1:]]))
CUT = ("Nothing leads back from the loss to the parameters: requires_grad_() is missing, or .detach(), .data or "
    "no_grad(), which is for the step alone, has cut it off.")
EPOCH = dict(groups=GROUPS, **STEPS,
    scores=stage(lambda model,params: model, (CUT, lambda model,params: lambda xb: model(xb).detach()),
        ("It computes the scores itself: it should call the model it is given.", lambda model,params: linear(params))),
    loss=stage(as_is, ("It always uses mnist_loss: it should call the loss_func it is given.", lambda _: mnist_loss)))

def walk(model, lr, params, todo, loss_func, step, rate, which, clear):
    "A step for each group of batches"
    for i,group in enumerate(todo, 1):
        sum(loss_func(model(xb), yb) for xb,yb in group).backward()
        step(which(params), rate(lr))
        clear(params, i==len(todo))

def epoch(groups, scores, loss, **steps):
    def train_epoch(model, lr, params, dl, loss_func):
        walk(scores(model, params), lr, params, groups(list(dl)), loss(loss_func), **steps)
    return train_epoch

def setting(n, bs):
    "Parameters and items of three pixels, and how to make them, and a loader, in a cell"
    g = torch.Generator().manual_seed(21)
    params,x = (torch.randn(3, 1, generator=g),torch.randn(1, generator=g)),torch.randn(n, 3, generator=g)
    return (params, x, torch.randint(2, (n,1), generator=g),
        f"torch.manual_seed(21)\nw,b = torch.randn(3, 1).requires_grad_(),torch.randn(1).requires_grad_()\n"
        f"dl = DataLoader(list(zip(torch.randn({n}, 3), torch.randint(2, ({n},1)))), bs={bs})\n")

def unmoved(params, reached, error):
    "Say why parameters are the same as before, of which backward has `reached` some"
    grads,zeroing = [p.grad for p in params if p.grad is not None],"zero_" in str(error)
    if error and reached and not zeroing and len(grads)==len(params): raise error
    if not reached and zeroing:
        cause = "before the first backward, `.grad` is None and can't be zeroed: zero it after."
    elif not reached: cause = ("there is no gradient in `.grad`, or no step. Is backward called on the loss? "
        f"(`p = p - …` is no step: it {NEW_TENSOR})")
    elif error and not zeroing: cause = "the gradients are cleared before a step has used them."
    elif any(g.any() for g in grads): cause = f"is there a step? `p = p - …` is none: it {NEW_TENSOR}"
    else: cause = (f"the gradients are zeroed before a step has used them, or there is no step. (`p = p - …` is none: "
        f"it {NEW_TENSOR})")
    came = f"{type(error).__name__}: {error}" if error else "the parameters as they were"
    raise CheckFailed(came, f"The parameters never change: {cause}") from error

def epochs_of(f, n, start, items, bs, lr, net, loss_func):
    "Weights and bias after `n` epochs of `f`"
    params,reached,error = [p.clone().requires_grad_() for p in start],[],None
    for p in params: p.register_post_accumulate_grad_hook(reached.append)
    mine = [*params]
    values = dict(model=net(params), lr=lr, params=mine, dl=DataLoader(items, batch_size=bs), weights=params[0],
        bias=params[1], loss_func=scores_first(loss_func), train_dset=items)
    try:
        for _ in range(n): bind(f, **values)()
    except (AttributeError,TypeError) as e:
        if 'NoneType' not in str(e): raise
        error = e
    if [*map(id, params)]!=[*map(id, mine)]:
        raise CheckFailed("a list with other tensors in it", f"Parameters are replaced: `p - …` {NEW_TENSOR}")
    if all(same(a, b, 0) for a,b in zip(params, start)): unmoved(params, reached, error)
    if error: raise error
    return tuple(p.detach() for p in params)

def check_train_epoch(train_epoch):
    "Parameters after one epoch and after two, from a fresh start, for loaders with an odd last batch"
    def trial(n, bs, show, epochs=1, lr=0.5, loss_func=mnist_loss, net=linear, named='mnist_loss', scores=''):
        start,x,y,text = setting(n, bs)
        items = list(zip(x, y))
        run = partial(epochs_of, n=epochs, start=start, items=items, bs=bs, lr=lr, net=net, loss_func=loss_func)
        loop = 'for _ in range(2): ' if epochs==2 else ''
        return Trial(run, run(right_of(epoch, EPOCH)), f"{show} (weights and bias after it):\n{text}{loop}"
            f"train_epoch(lambda xb: {scores}linear1(xb, w, b), {lr}, [w,b], dl, {named})")
    trials,others = [trial(2, 2, "one batch of two items"), trial(11, 4, "batches of 4, 4 and 3"),
        trial(11, 4, "two epochs with batches of 4, 4 and 3", epochs=2, lr=0.8)],[]
    if takes(train_epoch, 3):
        def double(params): return lambda xb: 2*linear(params)(xb)
        others.append(trial(11, 4, "a model that doubles its scores", net=double, scores='2*'))
    if takes(train_epoch, 5):
        others.append(trial(11, 4, "another loss_func, the mean squared error", loss_func=squared_error,
            named='lambda preds, yb: F.mse_loss(preds, yb.float())'))
    judge('train_epoch', train_epoch, staged(train_epoch, trials, others), chains(epoch, EPOCH),
        "chapter 03, 'Step 5: step the weights', 'calc_grad, and gradients that add up' and 'train_epoch'")

def validation(loader, score, which, over):
    def validate_epoch(model, valid_dl, metric, dl):
        scored = [(number(score(metric)(model(xb), yb)), len(xb)) for xb,yb in loader(valid_dl, dl)]
        return over(which(scored))
    return validate_epoch

def flattened(metric): return lambda preds,yb: metric(preds.flatten(), yb)
ON_TRAIN = "The training set is used to validate."
VALIDATION = dict(loader=stage(lambda valid_dl,dl: valid_dl, (ON_TRAIN, lambda valid_dl,dl: dl)),
    score=stage(as_is, (BROADCAST, flattened), ("It is the loss: call the metric.", lambda metric: mnist_loss),
        ("It always uses batch_accuracy: it should call the metric it is given.", lambda _: accuracy)), **BATCH_MEANS)

def check_validate_epoch(validate_epoch):
    "Mean over the items of a loader with an odd last batch, which isn't the training loader"
    def trial(n, bs, show, metric=accuracy, named='batch_accuracy'):
        start,x,y,text = setting(n, bs)
        items,train = list(zip(x, y)),list(zip(normal(n+8, 3, seed=4), mixed(n+8)[1]))
        def run(f):
            params = [p.clone().requires_grad_() for p in start]
            loaders = [DataLoader(o, batch_size=bs) for o in (items,train)]
            res = bind(f, model=linear(params), valid_dl=loaders[0], metric=scores_first(metric), dl=loaders[1],
                weights=params[0], bias=params[1], valid_dset=items, valid_x=x, valid_y=y)()
            if same(params, list(start), 0): return res
            raise CheckFailed("changed parameters",
                "It trains: validation must change nothing. Leave backward and the step to train_epoch.")
        return Trial(run, metric(linear(start)(x), y),
            f"{show}:\n{text}validate_epoch(lambda xb: linear1(xb, w, b), dl, {named})")
    trials = [trial(3, 2, "validation batches of 2 and 1"), trial(11, 4, "validation batches of 4, 4 and 3"),
        trial(8, 4, "validation batches of 4 and 4"),
        *(trial(n, bs, f"{n} validation items in batches of {bs}") for n,bs in ((50,7), (61,17), (89,23), (113,19)))]
    def labels_alone(preds, yb): return yb.float().mean()
    other = trial(11, 4, "another metric, the share of 3s", labels_alone, "lambda preds,yb: yb.float().mean()")
    def at_once(model, valid_dl, metric):
        return flattened(metric)(*(torch.cat(o) for o in zip(*((model(xb), yb) for xb,yb in valid_dl))))
    causes = wholes((f"What `cat` makes of scores without an axis is (n,). {BROADCAST}", at_once))
    others = [other] if takes(validate_epoch, 3) else []
    judge('validate_epoch', validate_epoch, staged(validate_epoch, trials, others),
        [*causes, *chains(validation, VALIDATION)], READ_METRIC)


# The whole

@cache
def digits():
    "3,000 training digits in mixed order, and all the validation digits"
    some = torch.randperm(12_396, generator=torch.Generator().manual_seed(0))[:3000]
    return tuple(o[some] for o in sample_xy('train')),sample_xy('test')

def flat_list(o): return [p for q in o for p in flat_list(q)] if isinstance(o, (tuple,list)) else [o]

def parts(res):
    "Weights (784,1), bias (1,) and accuracy of what `perceptron` returned, nested or not, or with a model first"
    if res is None: return
    *params,acc = flat_list(res)
    if len(params)==1 and callable(params[0]):
        with torch.no_grad(): bias,both = (params[0](x) for x in (torch.zeros(1, 784),torch.eye(784)))
        return both.view(784, 1)-bias,bias.view(1),number(acc)
    if [o.numel() if isinstance(o, torch.Tensor) else 0 for o in params]==[784,1]:
        return params[0].detach().view(784, 1),params[1].detach().view(1),number(acc)
    raise CheckFailed(short(res), "It returns something of another form: weights, bias and accuracy are wanted.")

NO_LEAF = ("A parameter is not a leaf but computed from a tensor that required a gradient already, and its own .grad "
    "is None. Ask for the gradient last.")

def perform(perceptron, train, valid, lr, epochs):
    "What `perceptron` makes of these data, from a start that is always the same"
    with known_chance(),warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter('always')
        try: return parts(given(perceptron, train_x=train[0], train_y=train[1], valid_x=valid[0], valid_y=valid[1],
            lr=lr, epochs=epochs))
        except (AttributeError,TypeError) as e:
            if not any('not a leaf' in str(o.message) for o in seen): raise
            from_start = isinstance(e, TypeError) and epochs==1
            cause = NO_LEAF if from_start else f"A parameter is replaced in the step: `p - …` {NEW_TENSOR}"
            raise CheckFailed(f"{type(e).__name__}: {e}", cause) from e

def in_batches(o, bs=256): return list(zip(*(p.split(bs) for p in o)))
def whole(metric, preds, yb): return metric(preds, yb)
def batch_values(metric, *o): return torch.tensor([number(metric(*b)) for b in in_batches(o)])

def fed(x, y, e, groups, turns=((False,False),(False,False))):
    "The batches for each step of epoch `e`; `turns`: are images and labels in reverse order, in the first two?"
    if e<len(turns): x,y = (o.flip(0) if turn else o for o,turn in zip((x, y), turns[e]))
    return groups(in_batches((x, y)))

BOTH_WAYS = list(product((False,True), repeat=2))
APART = [t for t in product(BOTH_WAYS, repeat=2) if any(a!=b for a,b in t)] # images and labels in different orders
FEEDS = stage(partial(fed, groups=GROUPS[0].do), *((o.wrong, partial(fed, groups=o.do)) for o in GROUPS[1:3]),
    ("It takes one step an epoch: is all the data a single batch, or are backward and step behind the loop?",
        *(partial(fed, groups=o.do) for o in GROUPS[3:])),
    (ONE_IMAGE, *(partial(fed, groups=singles, turns=((a,a),(b,b))) for a,b in BOTH_WAYS[1:])),
    ("The last batch is left out when it is smaller than the others, as with drop_last.",
        partial(fed, groups=lambda dl: [[b] for b in dl if len(b[0])==256])),
    ("Images and labels are shuffled separately, and no longer belong together.",
        *(partial(fed, groups=GROUPS[0].do, turns=t) for t in APART)))
DATA = stage(lambda x,y,vx,vy: (x, y, vx, vy),
    ("x is paired with x: the labels never get into the loss.", lambda x,y,vx,vy: (x, x, vx, vy)),
    ("The pixels are divided by 255 a second time, as by `make_dset`: that is for bytes, and these are fractions.",
        lambda x,y,vx,vy: (x/255, y, vx, vy), lambda x,y,vx,vy: (x, y, vx/255, vy),
        lambda x,y,vx,vy: (x/255, y, vx/255, vy)),
    ("Images and labels are joined to one stack, as by `make_dset(train_x, train_y)`: that takes stacks of 3s and of "
        "7s; here x only needs pairing with y.", lambda x,y,vx,vy: torch.cat([x, y])),
    ("It trains on the validation set.", lambda x,y,vx,vy: (vx, vy, vx, vy)),
    (ON_TRAIN, lambda x,y,vx,vy: (x, y, x, y)))

def told(where, build, stages):
    "A stage of single mistakes in a part of the whole"
    return [stage((f"In the {where}: {text[0]}", f)) for text,f in chains(build, stages, most=1)]
def without(forms, *words): return [o for o in forms if not any(word in o.wrong for word in words)]
NEAR_LOSS = dict(COLUMN_LOSS, sign=COLUMN_LOSS['sign'][:1], # no score is far out, and these look like others here
    probs=without(COLUMN_LOSS['probs'], UNSAFE, 'a threshold', 'single column'),
    item=without(COLUMN_LOSS['item'], 'wrong way round', "aren't used"))
SEEN_METRIC = dict(COLUMN_METRIC, share=without(COLUMN_METRIC['share'], '//'))
LOSSES = stage(mnist_loss, (CUT, lambda p,y: mnist_loss(p.detach(), y)),
    *told('loss', column_loss, COLUMN_LOSS | OF_SCORES), *told('loss', column_loss, NEAR_LOSS))
METRICS = stage(accuracy, ("It returns the loss in place of the accuracy.", mnist_loss),
    *told('accuracy', metric, SEEN_METRIC))
WHOLE = dict(STEPS, data=DATA, feed=FEEDS, loss=LOSSES, metric=METRICS,
    step=stage(STEPS['step'], (f"Parameters are replaced: `p - …` {NEW_TENSOR}", replace_all),
        ("The parameters never change: there is no step, or gradients are zeroed before it, or it is `p = p - …`.",
            lambda params,lr: None)),
    times=stage(as_is, ("The number of epochs is ignored.", *(lambda n,o=o: o for o in (1,5,10,20,40)))),
    validate=stage(whole, lambda *o: batch_values(*o).mean(),
        ("The accuracy is that of the last batch.", lambda *o: batch_values(*o)[-1]),
        ("The accuracy is that of the first batch.", lambda *o: batch_values(*o)[0]),
        ("The accuracies of the batches are summed, and no mean is taken.", lambda *o: batch_values(*o).sum())),
    when=stage(lambda accs: accs[-1],
        ("The accuracy is of the time before the last epoch: validate after it.", lambda accs: accs[-2])))

def some(forms, *words): return [o for o in forms if not o.wrong or any(word in o.wrong for word in words)]
def once_each(forms): return list({o.wrong: o for o in reversed(forms)}.values())
RIGHT = {name: some(forms) for name,forms in WHOLE.items()}
OFTEN = RIGHT | dict(clear=STEPS['clear'], which=STEPS['which'], # what often comes together
    feed=some(FEEDS, ONE_IMAGE, 'behind the loop'),
    loss=once_each(some(LOSSES, 'sigmoid is missing', 'a sum', 'Shapes', 'cross-entropy')),
    metric=once_each(some(METRICS, 'Shapes', 'threshold of 0.5', 'in percent', 'no threshold')))
THREE = RIGHT | {o: some(OFTEN[o], ONE_IMAGE, 'sigmoid is missing', 'Shapes') for o in ('feed','loss','metric')}

def perceptron_of(start, data, feed, loss, times, metric, validate, when, **steps):
    def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
        params,(x,y,vx,vy) = [p.clone().requires_grad_() for p in start],data(train_x, train_y, valid_x, valid_y)
        accs = [validate(metric, linear(params)(vx), vy)]
        for e in range(times(epochs)):
            walk(linear(params), lr, params, feed(x, y, e), loss, **steps)
            accs.append(validate(metric, linear(params)(vx), vy))
        return *params, when(accs)
    return perceptron

def counting_trials(start):
    "Trials from a start that is known, whose validation images are right near 0, and less and less often 3s"
    def scaled(x, most): return x*min(1., most/(x@start[0]).abs().max().clamp(min=1e-6).item())
    x,vx = scaled(normal(2, 784, seed=2).sigmoid(), 1),scaled(normal(512, 784, seed=3), 2+3*start[1].abs().item())
    x[:,:2],vx[::4] = 1.,1000*vx[::4] # to tell x for y, and pixels divided by 255, from what else gives the same
    scores = linear(start)(vx)
    mostly_3s = normal(512, 1)>torch.linspace(-1, 2, 512)[:,None]
    vy = torch.where((scores!=0) & (scores.abs()<0.7), scores>0, mostly_3s).long()
    lr = float(f"{4/x.square().sum(1).mean().item():.1g}")
    right = right_of(partial(perceptron_of, start), WHOLE)
    trials = [whole_trial(x, LABELS, vx[-200:], vy[-200:], lr, 2, "two random images, of a 3 and a 7"),
        whole_trial(x[:1].expand(600, -1), torch.ones(600, 1).long(), vx, vy, 2*lr, 1, "600 copies of one 3", 8)]
    def drawn_once(f):
        w = perform(f, (torch.zeros(2, 784),LABELS), (vx,vy), 0., 2)[0]
        if same(w, start[0]): return "the same weights"
        raise CheckFailed("other weights than with one epoch",
            "The parameters are drawn anew in each epoch: draw them once, before the loop.")
    return [Trial(drawn_once, "the same weights", "the same images, and lr = 0, but epochs = 2"),
        *(replace(t, want=attempt(t, right), expected='') for t in trials)]

LABELS = torch.tensor([[1],[0]])

def whole_trial(x, y, vx, vy, lr, epochs, show, every=1):
    "A trial of the accuracy, the bias and `every` weight: causes are compared first where most numbers are"
    n,m = len(x),len(vx)
    def run(f):
        res = perform(f, (x,y), (vx,vy), lr, epochs)
        return res if res is None else (res[0][::every], *res[1:])
    return Trial(run, '', f"{show}, and {m} random images to validate "
        f"(weights, bias and accuracy), with the shapes of\nperceptron(torch.rand({n}, 784), "
        f"torch.randint(2, ({n},1)), torch.randn({m}, 784), torch.randint(2, ({m},1)), lr={lr:g}, epochs={epochs})",
        tol=1e-5, expected="weights (784,1), a bias (1,) and an accuracy")

def learns_digits(f, spread):
    "Does it get above 96% on real digits, counted here? `spread` is the standard deviation of its start."
    train,valid = digits()
    w,b,acc = perform(f, train, valid, 20., 8)
    right = accuracy(linear((w,b))(valid[0]), valid[1]).item()
    came = f"{right:.1%} of the validation digits right"
    if right>0.96 and same(acc, right, 0.005): return 'above 96%'
    if right>0.96: raise CheckFailed(f"an accuracy of {short(acc)}, where the parameters get {right:.4f}",
        "The accuracy is not that of the parameters on the validation digits: is it of others, or of another time?")
    if spread>1.2: raise CheckFailed(f"{came}, after a start with a standard deviation of {spread:.2g}",
        "The weights start too large: their standard deviation should be 1 or less. Far out the sigmoid has no slope.")
    raise CheckFailed(came, "It is right for a few images and not for many: are all batches used, and does each image "
        "keep its own label when they are shuffled?")

def check_perceptron(perceptron):
    "No step, two steps and three from a known start, number by number; and then 96% on real digits"
    blank = torch.zeros(2, 784)
    first = whole_trial(blank, LABELS, normal(31, 784), mixed(31)[1], 0., 1, "two blank images, of a 3 and a 7")
    result,start = attempt(first, perceptron),(normal(784, 1),normal(1))
    trials = [remembered(first, perceptron, result)]
    if isinstance(result, tuple):
        start = result[:2]
        trials += counting_trials(start)
        trials[0] = replace(trials[0], expected='',
            want=attempt(first, right_of(partial(perceptron_of, start), WHOLE)))
    real = Trial(partial(learns_digits, spread=start[0].std().item()), 'above 96%',
        "3,000 training digits, all 2,038 validation digits, lr = 20, epochs = 8", limit=5)
    build = partial(perceptron_of, start)
    judge('perceptron', perceptron, staged(perceptron, trials, [real]),
        [*chains(build, WHOLE, 1), *chains(build, OFTEN), *chains(build, THREE, 3)],
        "chapter 03, from 'Step 1: initialize the parameters' to 'One epoch'")
