"Assignment 1: a perceptron by hand"
import inspect,math,warnings
from dataclasses import replace
from functools import cache,partial
from itertools import combinations,product

import numpy as np,torch
from torch.nn import functional as F
from torch.utils.data import DataLoader

from ..loss_functions import sample_xy
from .core import CheckFailed,Problem,Trial,a_type,attempt,bind,code_of,judge,number,same,short

__all__ = ['check_rmse', 'check_make_dset', 'check_init_params', 'check_linear1', 'check_sigmoid', 'check_mnist_loss', 'check_batch_accuracy',
    'check_train_epoch', 'check_validate_epoch', 'check_perceptron']


# What the checks share

def normal(*size, seed=0): return torch.randn(size, generator=torch.Generator().manual_seed(seed))

def mixed(n, seed=0, spread=2.):
    "Raw scores (n,1), none of them near 0, with mixed labels (n,1)"
    preds = normal(n, 1, seed=seed)*spread
    return preds + preds.sign()*0.1,(normal(n, 1, seed=seed+1)>0).long()

def linear(params): return lambda xb: xb@params[0] + params[1]
def away(preds, yb, squeeze=torch.sigmoid): return torch.where(yb==1, 1-squeeze(preds), squeeze(preds))
def loss(preds, yb): return away(preds, yb).mean()
def accuracy(preds, yb): return ((preds>0)==yb).float().mean()
def cross_entropy(preds, yb): return F.binary_cross_entropy_with_logits(preds, yb.float())
def squared_error(preds, yb): return F.mse_loss(preds, yb.float()) # of whole numbers it has no gradient on torch 2.11

BROADCAST = "shapes (n,) and (n,1) meet, and broadcasting compares every prediction with every label."

def given(f, grads=(), **roles):
    "What `f` returns for copies of these values and, if that is a tensor, the gradient of its sum for those named in `grads`"
    copies = {k: v.clone().requires_grad_(k in grads).clone() if isinstance(v, torch.Tensor) else v for k,v in roles.items()}
    res = bind(f, **copies)()
    for k,v in roles.items():
        if not same(copies[k], v):
            raise CheckFailed(f"a changed `{k}`", f"It changes `{k}` in place, though that belongs to whoever calls it. Compute a new tensor instead.")
    if not grads or not isinstance(res, torch.Tensor): return res
    if not res.requires_grad: return res,'no gradient'
    return res,*torch.autograd.grad(res.sum(), [copies[k] for k in grads], materialize_grads=True)

def remembered(trial, f, result):
    "A trial on which `f` has given `result` already, and is not run again"
    return replace(trial, run=lambda g: result if g is f else trial.run(g))

def staged(f, first, then):
    "The trials `first`, with `then` after them if `f` is right on those"
    tried = []
    for t in first:
        result = attempt(t, f)
        tried.append((remembered(t, f, result), result))
        if isinstance(result, Problem): break
    return [t for t,_ in tried] + (then if all(same(r, t.want, t.tol) for t,r in tried) else [])

def takes(f, n):
    "Does `f` have `n` arguments or more?"
    return code_of(f) is not None and n <= len(inspect.signature(f).parameters)

def by_place(func, preds, yb):
    "A trial that calls a function by place, of which it is known by now that it is right for arguments by name"
    def run(f):
        res = f(preds, yb)
        if not same(res, func(preds, yb)): raise CheckFailed(short(res), "It takes the labels first. By name that works, but what calls it goes by place: scores first, then labels.")
        return res
    return Trial(run, func(preds, yb), f"the scores {short(preds)} and the labels {short(yb)}, in this order")

def scores_first(func):
    "`func`, which says so if scores and labels are swapped in a call"
    def called(preds, yb):
        if yb.is_floating_point() and preds.dtype==torch.long:
            raise CheckFailed("labels in the place of scores", "Scores and labels are swapped in the call: scores come first.")
        return func(preds, yb)
    return called


# Pixel similarity and data

def check_rmse(rmse):
    "Root mean squared error of images (n,h,w) from an ideal (h,w)"
    axes = (-1,-2)
    def trial(images, ideal, show): return Trial(lambda f: given(f, images=images, ideal=ideal), ((images-ideal)**2).mean(axes).sqrt(), show)
    def grey(*size, seed): return normal(*size, seed=seed).sigmoid()
    small = torch.tensor([[[0.,1.,0.],[1.,0.,0.]], [[0.,0.,1.],[0.,0.5,0.]]]),torch.tensor([[0.,1.,0.],[0.,0.5,0.]])
    trials = [trial(*small, "images = tensor([[[0.,1.,0.],[1.,0.,0.]], [[0.,0.,1.],[0.,0.5,0.]]]), ideal = tensor([[0.,1.,0.],[0.,0.5,0.]])"),
        trial(grey(5, 28, 28, seed=1), grey(28, 28, seed=2), "five random images, 28 by 28"),
        trial(grey(28, 28, 28, seed=3), grey(28, 28, seed=4), "28 random images, 28 by 28")]
    no_axes = "A mean without axes: it averages over the images as well, so that all of them get a single number."
    one_axis = "It averages over one axis, where there are two to go: rows and columns."
    two_axes = "It averages over axis 0, the images, and one more. Rows and columns should go, and the images stay."
    cancel = "The differences are averaged as they are, so that those above and below 0 cancel out. Square them first."
    judge('rmse', rmse, trials, [
        ("It is the mean absolute difference (MAE, also L1): either nothing is squared, or the root is taken before the mean.", lambda a,b: (a-b).abs().mean(axes)),
        ("It is the mean squared error (MSE): the root is missing.", lambda a,b: ((a-b)**2).mean(axes)),
        (no_axes, lambda a,b: ((a-b)**2).mean().sqrt()),
        (no_axes, lambda a,b: (a-b).abs().mean()),
        (no_axes, lambda a,b: ((a-b)**2).mean()),
        ("The root is taken of the sum of the squares: a sum where there should be a mean.", lambda a,b: ((a-b)**2).sum(axes).sqrt()),
        ("It averages over axis 0, the images, where it should average over rows and columns.", lambda a,b: ((a-b)**2).mean(0).sqrt()),
        (one_axis, lambda a,b: ((a-b)**2).mean(-1).sqrt()),
        (one_axis, lambda a,b: ((a-b)**2).mean(1).sqrt()),
        (two_axes, lambda a,b: ((a-b)**2).mean((0,1)).sqrt()),
        (two_axes, lambda a,b: ((a-b)**2).mean((0,2)).sqrt()),
        ("The root is taken too early: for each row or column, before the mean of all the pixels.", lambda a,b: ((a-b)**2).mean(-1).sqrt().mean(-1)),
        (cancel, lambda a,b: (a-b).mean(axes)),
        (cancel, lambda a,b: (a-b).mean(axes).abs()),
        ("It is the standard deviation of the differences, which leaves out how far they are from 0 on average.", lambda a,b: (a-b).std(axes)),
        ("It returns a list of numbers, where a tensor is wanted.", lambda a,b: ((a-b)**2).mean(axes).sqrt().tolist()),
    ], "chapter 01, 'How far is it from an ideal?' and 'A mistake to have seen once'")

def pairs(dset):
    "Length and pairs of a data set, or what it is instead"
    if dset is None: return
    if not hasattr(dset, '__len__') or not hasattr(dset, '__getitem__'): return f"{a_type(dset)}, which has no {'[0]' if hasattr(dset, '__len__') else 'length'}"
    def part(o): return o if isinstance(o, torch.Tensor) else f"the {type(o).__name__} {short(o)}"
    items = [dset[i] for i in range(len(dset))]
    return len(items),[tuple(map(part, o)) if isinstance(o, (tuple,list)) else o for o in items]

def check_make_dset(make_dset):
    "Pairs of rows (784,) and labels (1,), of the bytes of two stacks of images"
    def rows(ims): return ims.view(-1, 28*28)/255
    def both(a, b): return rows(torch.cat([a, b]))
    def column(a, b, first=1, second=0): return torch.tensor([first]*len(a) + [second]*len(b))[:,None]
    def wrong(x, y): return lambda a,b: list(zip(x(a, b), y(a, b)))
    right = wrong(both, column)
    def bytes_of(n): return torch.arange(n*784).view(n, 28, 28).byte()
    def trial(n, m):
        a,b = bytes_of(n),255-bytes_of(m)
        return Trial(lambda f: pairs(given(f, threes=a, sevens=b)), pairs(right(a, b)), f"threes = torch.arange({n}*784).view({n}, 28, 28).byte(), "
            f"sevens = 255-torch.arange({m}*784).view({m}, 28, 28).byte() (the length of the data set, then its pairs)")
    order = "The labels and the images are in different orders: 1 belongs to the 3s and 0 to the 7s."
    two = "It returns two tensors, all x and all y. A data set gives a pair for each index: pair them."
    judge('make_dset', make_dset, [trial(1, 1), trial(2, 5), trial(4, 1)], [
        ("x is paired with x: the second of each pair should be a label.", wrong(both, both)),
        ("The pixels are still bytes up to 255: they must be divided by 255.", wrong(lambda a,b: torch.cat([a, b]).view(-1, 28*28), column)),
        ("`//` divides without a remainder, so that nearly all becomes 0: the grey levels are fractions.", wrong(lambda a,b: torch.cat([a, b]).view(-1, 28*28)//255, column)),
        ("view(784,-1) makes 784 rows, which are no images: each image should be a row.", wrong(lambda a,b: torch.cat([a, b]).view(28*28, -1)/255, column)),
        ("Each x is still an image of 28 rows: flatten it into a row of 784.", wrong(lambda a,b: torch.cat([a, b])/255, column)),
        ("Each x is still an image of 28 rows, and of bytes up to 255: divide by 255, and flatten it into a row of 784.", wrong(lambda a,b: torch.cat([a, b]), column)),
        ("The labels are (n,) where they should be a column, (n,1), so that each y is (1,). A batch of them would be (n,), and broadcast against scores (n,1).",
            wrong(both, lambda a,b: column(a, b)[:,0])),
        ("The labels are plain numbers: make a tensor of them, and a column of that.", wrong(both, lambda a,b: column(a, b)[:,0].tolist())),
        ("The labels are the wrong way round: 1 for a 3 and 0 for a 7.", wrong(both, lambda a,b: column(a, b, 0, 1))),
        ("The labels are the digits themselves: they should be 1 for a 3 and 0 for a 7.", wrong(both, lambda a,b: column(a, b, 3, 7))),
        (order, wrong(lambda a,b: both(b, a), column)),
        (order, wrong(both, lambda a,b: column(b, a, 0, 1))),
        ("The 7s come first: the text asks for the 3s and then the 7s.", lambda a,b: right(a, b)[len(a):]+right(a, b)[:len(a)]),
        ("The 7s are missing. (`zip` stops, without a word, at the end of the shorter one.)", lambda a,b: right(a, b)[:len(a)]),
        (two, lambda a,b: (both(a, b), column(a, b))),
        (two, lambda a,b: [both(a, b), column(a, b)]),
        ("A `zip` can be gone through just once, and has no length: make a list of it.", lambda a,b: zip(a, b)),
        ("A loader yields batches. A data set gives a single pair for each index, and a loader is made of it later.", lambda a,b: DataLoader(right(a, b))),
        ("It pairs each 3 with a 7. A pair is an image and its label.", lambda a,b: list(zip(rows(a), rows(b)))),
    ], "chapter 02, 'Images as rows' and 'Pairing x with y'")


# Parameters, model, loss and metric

def check_init_params(init_params):
    "Normal random numbers with a given standard deviation, in a leaf that requires a gradient"
    def call(f, size, **std):
        p = bind(f, size=size, **std)()
        if p is None or isinstance(p, torch.Tensor): return p
        raise CheckFailed(short(p), f"It returns {a_type(p)}, where a tensor is wanted.")
    def kind(f, size):
        p = call(f, size)
        if p is None: return
        return f"shape {tuple(p.shape)}, {str(p.dtype)[6:]}, requires {'a' if p.requires_grad else 'no'} gradient, {'a' if p.is_leaf else 'no'} leaf"
    def spread(f, **std):
        with torch.random.fork_rng():
            torch.manual_seed(0) # so that a mistake gives the same numbers as the learner's
            v = call(f, (300,100), **std).detach()/std.get('std', 1.)
        return v.mean(),v.std(),(v.abs()>2).float().mean()
    def trial(show, **std):
        return Trial(partial(spread, **std), (0.,1.,0.0455), f"{show} (mean, standard deviation and share beyond two of these, in units of std)", tol=0.03)
    wanted = 'shape {}, float32, requires a gradient, a leaf'
    trials = [Trial(partial(kind, size=(3,2)), wanted.format((3,2)), "size = (3,2)"), Trial(partial(kind, size=5), wanted.format((5,)), "size = 5"),
        trial("size = (300,100)"), trial("size = (300,100), std = 0.1", std=0.1), trial("size = (300,100), std = 4.", std=4.),
        Trial(lambda f: not same(call(f, 9), call(f, 9)), True, "two calls with size = 9: do the results differ?")]
    def leaf(numbers): return lambda size, std=1.: numbers(size, std).requires_grad_()
    uniform = "`rand` for `randn`: it is uniform, not normal."
    judge('init_params', init_params, trials, [
        ("It asks for no gradient: requires_grad_() is missing.", lambda size, std=1.: torch.randn(size)*std),
        ("It is no leaf: it is computed from a tensor that required a gradient already, and its own `.grad` will stay None. Ask for the gradient last.",
            lambda size, std=1.: torch.randn(size, requires_grad=True)*std),
        ("std is ignored.", leaf(lambda size, std: torch.randn(size))),
        (uniform, leaf(lambda size, std: torch.rand(size)*std)),
        (uniform, leaf(lambda size, std: torch.rand(size))),
        (f"{uniform} Moving it to between -1 and 1 doesn't change that.", leaf(lambda size, std: (torch.rand(size)*2-1)*std)),
        (f"{uniform} Moving its mean to 0 doesn't change that.", leaf(lambda size, std: (torch.rand(size)-0.5)*std)),
        ("std is added, where it should be multiplied.", leaf(lambda size, std: torch.randn(size)+std)),
        ("It divides by std, where it should multiply.", leaf(lambda size, std: torch.randn(size)/std)),
        ("The variance isn't the standard deviation: std is squared.", leaf(lambda size, std: torch.randn(size)*std**2)),
        ("The variance isn't the standard deviation: the root of std is taken.", leaf(lambda size, std: torch.randn(size)*std**0.5)),
        ("It is float64, as NumPy's numbers are, and the images are float32: the two can't be multiplied.", leaf(lambda size, std: torch.randn(size).double()*std)),
        ("All values are 0: nothing in it is random.", leaf(lambda size, std: torch.zeros(size))),
        ("It sets the seed itself, so that each call gives the same numbers. Leave the seed to whoever calls it.",
            leaf(lambda size, std: normal(*(size if isinstance(size, tuple) else [size]))*std)),
    ], "chapter 02, 'A weight for every pixel' and, for leaves, 'Nudging one weight'")

def check_linear1(linear1):
    "Scores (n,1) of rows (n,p), and their gradients, for a bias (1,) and a 0-d one"
    def trial(x, w, b, show):
        def run(f): return given(f, ('weights','bias'), xb=x, weights=w, bias=b)
        return Trial(run, run(lambda x,w,b: x@w+b), show + " (the scores, and the gradients of weights and bias)")
    small = torch.tensor([[1.,2.,0.],[0.,1.,1.]]),torch.tensor([[0.5],[-1.],[2.]]),torch.tensor([3.])
    trials = [trial(*small, "xb = tensor([[1.,2.,0.],[0.,1.,1.]]), weights = tensor([[0.5],[-1.],[2.]]), bias = tensor([3.])"),
        trial(*small[:2], torch.tensor(3.), "the same with bias = tensor(3.)"),
        trial(normal(7, 784), normal(784, 1, seed=1)/10, normal(1, seed=2), "seven random rows of 784")]
    judge('linear1', linear1, trials, [
        ("The bias is missing.", lambda x,w,b: x@w),
        ("The bias is subtracted.", lambda x,w,b: x@w-b),
        ("`*` multiplies element by element. A matrix product is written @.", lambda x,w,b: x*w+b),
        ("The factors of the matrix product are the wrong way round: rows of pixels come first.", lambda x,w,b: w@x+b),
        ("There is one score, the sum over all the images: a sum without an axis.", lambda x,w,b: (x*w.T).sum()+b),
        ("The scores are (n,), where a column (n,1) is wanted. Beside labels (n,1) they would be broadcast to (n,n).", lambda x,w,b: (x@w)[:,0]+b),
        ("It sums over the images, where it should sum over the pixels.", lambda x,w,b: (x*w.T).sum(0)+b),
        ("The bias is added for every pixel, and so it counts as often as there are pixels.", lambda x,w,b: (x*w.T+b).sum(1, keepdim=True)),
        ("The bias is added to the pixels, before they are multiplied.", lambda x,w,b: (x+b)@w),
        ("It averages over the pixels: a mean, where a weighted sum is wanted.", lambda x,w,b: (x*w.T).mean(1, keepdim=True)+b),
        ("There is a sigmoid in the model. It belongs in the loss: with both, it would be applied twice.", lambda x,w,b: (x@w+b).sigmoid()),
        ("The scores carry no gradient: .detach(), .data, no_grad or a new tensor made from numbers has cut them off.", lambda x,w,b: (x@w+b).detach()),
    ], "chapter 02, 'A weight for every pixel'")

def check_sigmoid(sigmoid):
    "Values and slopes at moderate numbers, and values far out"
    def trial(x, grads=('x',)):
        def run(f): return given(f, grads, x=x)
        return Trial(run, run(torch.sigmoid), f"x = tensor({x.tolist()})" + " (the values, and the slope at each)"*bool(grads))
    near = [trial(torch.tensor([0.5,1.,-2.])), trial(torch.tensor([[3.],[-0.5]]))]
    far = [trial(torch.tensor([100.,-100.]), ()), trial(torch.tensor([[-1000.],[1000.]]), ())]
    corners = "It is a ReLU or a clamp, with corners: the sigmoid is smooth."
    judge('sigmoid', sigmoid, staged(sigmoid, near, far), [
        ("The minus in the exponent is missing, so it falls where it should rise.", lambda x: 1/(1+x.exp())),
        ("Brackets are missing: 1/1+exp(-x) is (1/1)+exp(-x).", lambda x: 1/1+(-x).exp()),
        ("exp(x) overflows far to the right, and infinity divided by infinity is nan. Find a form with exp(-x).", lambda x: x.exp()/(1+x.exp())),
        ("It is the hyperbolic tangent, which goes from -1 to 1.", lambda x: x.tanh()),
        ("It is a step: everything is rounded to 0 or 1, and the slope is lost.", lambda x: (x>0).float()),
        ("It is a softmax: it divides by the sum over all the numbers. The sigmoid looks at each number by itself.", lambda x: x.softmax(0)),
        (corners, lambda x: x.clamp(0, 1)),
        (corners, lambda x: x.relu()),
        ("math.exp takes a single number. torch.exp, or x.exp(), takes a tensor of any shape.", lambda x: 1/(1+math.exp(-x))),
        ("NumPy knows no slopes, and refuses a tensor that requires a gradient. Take torch.exp, or x.exp().", lambda x: 1/(1+np.exp(-x))),
        ("It returns a list of numbers. Compute with the tensor itself, by torch.exp or x.exp(), and all its numbers at once.", lambda x: x.sigmoid().flatten().tolist()),
        ("The slope is lost: it computes with plain numbers, or in NumPy, or with .data or no_grad. Compute with the tensor itself, by torch.exp or x.exp().",
            lambda x: x.sigmoid().detach()),
        ("The 1 in the denominator is missing.", lambda x: 1/(-x).exp()),
        ("The sigmoid is applied twice.", lambda x: x.sigmoid().sigmoid()),
        ("It is the logarithm of the sigmoid.", lambda x: F.logsigmoid(x)),
    ], "chapter 02, 'sigmoid'")

def check_mnist_loss(mnist_loss):
    "Mean distance of the sigmoid from the label, and its gradient, for both shapes and for scores far out"
    def trial(preds, yb, show):
        def run(f): return given(f, ('preds',), preds=preds, yb=yb)
        return Trial(run, run(loss), show + " (the loss, and its gradient)")
    small = torch.tensor([[2.],[-1.],[0.5]]),torch.tensor([[1],[0],[0]])
    far = torch.tensor([[100.],[-100.],[-100.],[100.]]),torch.tensor([[1],[1],[0],[0]])
    trials = [trial(*small, "preds = tensor([[2.],[-1.],[0.5]]), targets = tensor([[1],[0],[0]])"),
        trial(small[0][:,0], small[1][:,0], "preds = tensor([2.,-1.,0.5]), targets = tensor([1,0,0])"),
        trial(*mixed(37), "37 random scores with mixed labels"),
        trial(*far, "preds = tensor([[100.],[-100.],[-100.],[100.]]), targets = tensor([[1],[1],[0],[0]])")]
    cut_off = "The loss carries no gradient: .item(), .data, .detach() or a new tensor made from numbers has cut it off."
    cancel = "Differences are averaged without their absolute values, so that they cancel out."
    if takes(mnist_loss, 2): trials = staged(mnist_loss, trials, [by_place(loss, *small)])
    judge('mnist_loss', mnist_loss, trials, [
        ("The sigmoid is missing: scores are taken for probabilities.", lambda p,y: away(p, y, lambda o: o).mean()),
        ("The sigmoid is applied twice.", lambda p,y: loss(p.sigmoid(), y)),
        ("The sigmoid by formula has no gradient far out: exp(100) is infinite, and 0 times infinity is nan. PyTorch's own is safe.",
            lambda p,y: away(p, y, lambda o: 1/(1+(-o).exp())).mean()),
        ("The two cases are the wrong way round, so the loss falls when the answers get worse.", lambda p,y: loss(p, 1-y)),
        ("torch.where wants a condition, True or False for each item, and the labels are numbers: compare them with something.", lambda p,y: torch.where(y, 1-p, p)),
        ("It is a sum, where a mean is wanted.", lambda p,y: away(p, y).sum()),
        ("It gives a number for each item, and no mean is taken.", away),
        (BROADCAST.capitalize(), lambda p,y: loss(p.flatten(), y)),
        (BROADCAST.capitalize(), lambda p,y: loss(p, y.flatten())),
        (cut_off, lambda p,y: loss(p, y).detach()),
        (cut_off, lambda p,y: loss(p, y).item()),
        ("There is a threshold in the loss, which makes it an error rate: it has no slope.", lambda p,y: ((p>0)!=y).float().mean()),
        ("It is the accuracy, which has no slope and rises when the answers get better.", accuracy),
        ("It is cross-entropy, which takes a logarithm. The text asks for the distance itself.", cross_entropy),
        ("The distances are squared: it is the mean squared error.", lambda p,y: away(p, y).square().mean()),
        (cancel, lambda p,y: (p.sigmoid()-y).mean()),
        (cancel, lambda p,y: (y-p.sigmoid()).mean()),
        ("Only the 3s count: the other case of `where` is missing.", lambda p,y: torch.where(y==1, 1-p.sigmoid(), 0).mean()),
        ("It is the softmax, over the whole batch, where the sigmoid is wanted.", lambda p,y: away(p, y, lambda o: o.softmax(0)).mean()),
        ("A softmax over a single column is always 1.", lambda p,y: away(p, y, lambda o: o.softmax(1)).mean()),
    ], "chapter 02, 'sigmoid' and 'mnist_loss, for keeps'")

def check_batch_accuracy(batch_accuracy):
    "Share of raw scores on the right side of 0, for labels (n,1) and (n,)"
    def trial(preds, yb, show): return Trial(lambda f: given(f, preds=preds, yb=yb), accuracy(preds, yb), show)
    small = torch.tensor([[2.],[-1.]]),torch.tensor([[1],[0]])
    half = torch.tensor([[0.3],[-1.],[-2.]]),torch.tensor([[1],[0],[1]])
    trials = [trial(*small, "preds = tensor([[2.],[-1.]]), yb = tensor([[1],[0]])"),
        trial(*half, "preds = tensor([[0.3],[-1.],[-2.]]), yb = tensor([[1],[0],[1]])"),
        trial(small[0][:,0], small[1][:,0], "preds = tensor([2.,-1.]), yb = tensor([1,0])"),
        trial(*mixed(37), "37 random scores with mixed labels"), trial(*mixed(5, spread=200), "five scores up to a few hundred")]
    argmax = "The argmax of a single column is always 0. With one score for each image, compare it with a threshold."
    each = "It answers for each item, and no mean is taken."
    if takes(batch_accuracy, 2): trials = staged(batch_accuracy, trials, [by_place(accuracy, *half)])
    judge('batch_accuracy', batch_accuracy, trials, [
        (BROADCAST.capitalize(), lambda p,y: accuracy(p.flatten(), y)),
        (BROADCAST.capitalize(), lambda p,y: accuracy(p, y.flatten())),
        ("The threshold of 0.5 belongs to probabilities. Either apply the sigmoid first, or compare raw scores with 0.", lambda p,y: accuracy(p-0.5, y)),
        ("The threshold of 0 belongs to raw scores: every sigmoid is above 0.", lambda p,y: accuracy(p.sigmoid(), y)),
        ("The sigmoid is applied twice: what has been through it once is above 0, and comes out above 0.5.", lambda p,y: accuracy(p.sigmoid().sigmoid()-0.5, y)),
        ("There is no threshold: scores are compared with labels as if they were labels.", lambda p,y: (p==y).float().mean()),
        ("There is no threshold: probabilities are compared with labels as if they were labels.", lambda p,y: (p.sigmoid()==y).float().mean()),
        ("Raw scores are rounded, which is no threshold: 2. is no label, and 0.3 becomes 0.", lambda p,y: (p.round()==y).float().mean()),
        (argmax, lambda p,y: (p.argmax(-1, keepdim=True)==y).float().mean()),
        (argmax, lambda p,y: (p.argmax(1)==y).float().mean()),
        ("It counts the right ones, and doesn't divide by their number: it takes a sum where it should take the mean.", lambda p,y: ((p>0)==y).sum()),
        ("It is in percent. A share goes from 0 to 1.", lambda p,y: 100*accuracy(p, y)),
        ("There is no mean of True and False: make numbers of them first, with .float().", lambda p,y: ((p>0)==y).mean()),
        ("A single yes or no is asked of a whole tensor, as by `if`, `and` and `not`, and by two comparisons without brackets: `a>0==b` means `a>0 and 0==b`.",
            lambda p,y: p>0==y),
        (each, lambda p,y: (p>0)==y),
        (each, lambda p,y: ((p>0)==y).float()),
        ("It scores the wrong ones: the comparison is reversed.", lambda p,y: accuracy(-p, y)),
        ("It is the share of 3s among the answers: they are never compared with the labels.", lambda p,y: (p>0).float().mean()),
        ("It looks at the 3s only: an answer of 0 to a 7 is right as well.", lambda p,y: ((p>0)&(y==1)).float().mean()),
        ("It is the loss. The accuracy counts answers.", loss),
        ("It is 1 minus the loss. The accuracy counts answers.", lambda p,y: 1-loss(p, y)),
    ], "chapter 03, 'batch_accuracy and validate_epoch', and for shapes chapter 02, 'Images as rows'")


# Training and validation

def descend(params, lr):
    with torch.no_grad():
        for p in params: p -= lr*p.grad

def climb(params, lr): descend(params, -lr)

def descend_in_graph(params, lr):
    for p in params: p -= lr*p.grad

def replaced(params, lr):
    with torch.no_grad(): params[:] = [p-lr*p.grad for p in params]

def zero(params):
    for p in params: p.grad = None

def walk(model, lr, params, dl, loss_func, step=descend, groups=lambda dl: [[b] for b in dl], clear='step'):
    "`train_epoch`: a step for each of the `groups` of batches. Other options than the defaults make a mistake"
    for group in groups(dl):
        sum(loss_func(model(xb), yb) for xb,yb in group).backward()
        step(params, lr)
        if clear=='step': zero(params)
    if clear=='epoch': zero(params)

def singles(dl): return [[(x[None],y[None])] for xb,yb in dl for x,y in zip(xb, yb)]

one_image = "It takes one image a step, where a step should be for the whole batch.",dict(groups=singles)
NEW_TENSOR = "makes a new tensor under an old name. What the model computes with must be changed in place, under torch.no_grad()."
slips = [ # in a training loop: what to say, and the options of `walk`
    ("The gradients are not zeroed, so that each step is the sum of all the gradients so far.", dict(clear='never')),
    ("The gradients are zeroed once an epoch, where it should be once a batch: within the epoch they add up.", dict(clear='epoch')),
    ("The step is inside the graph: a parameter that requires a gradient is changed while PyTorch keeps its record. Take the step under torch.no_grad().",
        dict(step=descend_in_graph)),
    one_image,
    ("It takes one step an epoch, by the sum of all the gradients: the step stands outside of the loop over the batches.", dict(groups=lambda dl: [list(dl)])),
    ("The learning rate is ignored.", dict(step=lambda params,lr: descend(params, 1.))),
    ("The bias is never changed: the step is for the weights alone.", dict(step=lambda params,lr: descend(params[:1], lr))),
    ("The weights are never changed: the step is for the bias alone.", dict(step=lambda params,lr: descend(params[1:], lr))),
]

def setting(n, bs):
    "Parameters and items of three pixels, and how to make them, and a loader, in a cell"
    g = torch.Generator().manual_seed(21)
    return ((torch.randn(3, 1, generator=g),torch.randn(1, generator=g)), torch.randn(n, 3, generator=g), torch.randint(2, (n,1), generator=g),
        f"torch.manual_seed(21)\nw,b = torch.randn(3, 1).requires_grad_(),torch.randn(1).requires_grad_()\n"
        f"dl = DataLoader(list(zip(torch.randn({n}, 3), torch.randint(2, ({n},1)))), bs={bs})\n")

def unmoved(params, reached, error):
    "Say why parameters are the same as before, of which backward has `reached` some"
    never = "The parameters never change"
    if not reached and 'zero_' in str(error): cause = "Before the first backward, `.grad` is None and can't be set to zero. Zero it after the step, or ask first."
    elif not reached: cause = f"{never}, as there is no gradient: is backward called on the loss?"
    elif error and 'zero_' not in str(error):
        if all(p.grad is not None for p in params): raise error
        cause = f"{never}: the gradients are cleared before a step has used them."
    elif any(p.grad is not None and p.grad.any() for p in params): cause = f"{never}. Is there a step? `p = p - …` is none: they are replaced, as it {NEW_TENSOR}"
    else: cause = f"{never}: the gradients are zeroed before a step has used them, or there is no step. (`p = p - …` is none: it {NEW_TENSOR})"
    raise CheckFailed(f"{type(error).__name__}: {error}" if error else "the parameters as they were", cause) from error

def check_train_epoch(train_epoch):
    "Parameters after one epoch and after two, from a fresh start, for loaders with an odd last batch"
    def trial(n, bs, show, epochs=1, lr=0.5, loss_func=loss, net=linear, named='mnist_loss', scores=''):
        start,x,y,text = setting(n, bs)
        items = list(zip(x, y))
        def run(f):
            params,reached,error = [p.clone().requires_grad_() for p in start],[],None
            for p in params: p.register_post_accumulate_grad_hook(reached.append)
            same_list = list(params)
            values = dict(model=net(params), lr=lr, params=same_list, dl=DataLoader(items, batch_size=bs), loss_func=scores_first(loss_func),
                weights=params[0], bias=params[1], train_dset=items)
            try:
                for _ in range(epochs): bind(f, **values)()
            except (AttributeError,TypeError) as e:
                if 'NoneType' not in str(e): raise
                error = e
            if any(a is not b for a,b in zip(params, same_list)):
                raise CheckFailed("a list with other tensors in it", f"Parameters are replaced: `p - …` {NEW_TENSOR}")
            if all(same(a, b, 0) for a,b in zip(params, start)): unmoved(params, reached, error)
            if error: raise error
            return tuple(p.detach() for p in params)
        return Trial(run, run(walk), f"{show} (weights and bias after it):\n{text}{'for _ in range(2): '*(epochs==2)}"
            f"train_epoch(lambda xb: {scores}linear1(xb, w, b), {lr}, [w,b], dl, {named})")
    trials = [trial(2, 2, "one batch of two items"), trial(11, 4, "batches of 4, 4 and 3"), trial(11, 4, "two epochs with batches of 4, 4 and 3", epochs=2, lr=0.8)]
    others = []
    if takes(train_epoch, 3): others.append(trial(11, 4, "a model that doubles its scores", net=lambda params: lambda xb: 2*linear(params)(xb), scores='2*'))
    if takes(train_epoch, 5):
        others.append(trial(11, 4, "another loss_func, the mean squared error", loss_func=squared_error,
            named='lambda preds, yb: F.mse_loss(preds, yb.float())'))
    judge('train_epoch', train_epoch, staged(train_epoch, trials, others), [(text, partial(walk, **options)) for text,options in slips] + [
        ("It takes one step an epoch, for the first batch: is there a return inside the loop?", partial(walk, groups=lambda dl: [list(dl)[:1]])),
        ("It takes one step an epoch, for the last batch: backward and step stand outside of the loop over the batches.",
            partial(walk, groups=lambda dl: [list(dl)[-1:]])),
        ("Nothing leads back from the loss to the parameters, as under torch.no_grad(), which is for the step alone, or with .detach() or .data.", torch.no_grad()(walk)),
        ("It goes uphill: there is a plus where the step needs a minus.", partial(walk, step=climb)),
        ("It computes the scores itself, where it should call the model that it is given.",
            lambda model, lr, params, dl, loss_func: walk(linear(params), lr, params, dl, loss_func)),
        ("It always uses mnist_loss, where it should call the loss_func that it is given.", lambda model, lr, params, dl, loss_func: walk(model, lr, params, dl, loss)),
    ], "chapter 03, 'Step 5: step the weights', 'calc_grad, and gradients that add up' and 'train_epoch'")

def check_validate_epoch(validate_epoch):
    "Mean over the items of a loader with an odd last batch, which isn't the training loader"
    def trial(n, bs, show, metric=accuracy, named='batch_accuracy'):
        start,x,y,text = setting(n, bs)
        items,train = list(zip(x, y)),list(zip(normal(10, 3, seed=4), mixed(10)[1]))
        def run(f):
            params = [p.clone().requires_grad_() for p in start]
            res = bind(f, model=linear(params), valid_dl=DataLoader(items, batch_size=bs), metric=scores_first(metric), dl=DataLoader(train, batch_size=bs),
                weights=params[0], bias=params[1], valid_dset=items, valid_x=x, valid_y=y)()
            if not same(params, list(start), 0):
                raise CheckFailed("changed parameters", "It trains: validation must change nothing. Leave backward and the step to train_epoch.")
            return res
        return Trial(run, metric(linear(start)(x), y), f"{show}:\n{text}validate_epoch(lambda xb: linear1(xb, w, b), dl, {named})")
    trials = [trial(3, 2, "validation batches of 2 and 1"), trial(11, 4, "validation batches of 4, 4 and 3"), trial(50, 7, "50 validation items in batches of 7")]
    others = [trial(11, 4, "another metric, the share of 3s", lambda p,y: y.float().mean(), "lambda preds,yb: yb.float().mean()")] if takes(validate_epoch, 3) else []
    def means(model, dl, metric): return [number(metric(model(xb), yb)) for xb,yb in dl]
    def sums(model, dl, metric): return [number(metric(model(xb), yb))*len(xb) for xb,yb in dl]
    def at_once(dl, func): return func(*map(torch.cat, zip(*dl)))
    judge('validate_epoch', validate_epoch, staged(validate_epoch, trials, others), [
        ("It is the mean of the batch means, in which an item of a small last batch counts for more than the others. The text asks for the mean over all items.",
            lambda model, valid_dl, metric: np.mean(means(model, valid_dl, metric))),
        ("The training set is used to validate.", lambda model, valid_dl, metric, dl: sum(sums(model, dl, metric))/len(dl.dataset)),
        ("The training set is used to validate. (And the batch means are averaged.)", lambda model, valid_dl, metric, dl: np.mean(means(model, dl, metric))),
        ("It is the accuracy of the first batch: is there a return inside the loop?", lambda model, valid_dl, metric: means(model, valid_dl, metric)[0]),
        ("It is the accuracy of the last batch: each one overwrites the one before.", lambda model, valid_dl, metric: means(model, valid_dl, metric)[-1]),
        ("The batch means are summed, and no mean is taken of them.", lambda model, valid_dl, metric: sum(means(model, valid_dl, metric))),
        ("It returns a list of batch means: one number is wanted, their mean over all items.", lambda model, valid_dl, metric: means(model, valid_dl, metric)),
        ("It returns a number for each batch: one for all items is wanted.", lambda model, valid_dl, metric: torch.tensor(means(model, valid_dl, metric))),
        ("It counts the right ones, and doesn't divide by their number.", lambda model, valid_dl, metric: sum(sums(model, valid_dl, metric))),
        ("It divides by the number of batches, where it should be the number of items.", lambda model, valid_dl, metric: np.mean(sums(model, valid_dl, metric))),
        ("It divides as if all batches were as large as the first.", lambda model, valid_dl, metric: np.mean(sums(model, valid_dl, metric))/valid_dl.batch_size),
        ("Scores (n,) meet labels (n,1), and broadcasting compares every prediction with every label: what does the model return for a single item, "
            "and what does `cat` make of it?", lambda model, valid_dl, metric: at_once(valid_dl, lambda x,y: accuracy(model(x).flatten(), y))),
        ("It is the loss: call the metric.", lambda model, valid_dl, metric: at_once(valid_dl, lambda x,y: loss(model(x), y))),
        ("It is in percent. A share goes from 0 to 1.", lambda model, valid_dl, metric: 100*sum(sums(model, valid_dl, metric))/len(valid_dl.dataset)),
        ("It always uses batch_accuracy, where it should call the metric that it is given.", lambda model, valid_dl, metric: at_once(valid_dl, lambda x,y: accuracy(model(x), y))),
    ], "chapter 03, 'batch_accuracy and validate_epoch'")


# The whole

@cache
def digits():
    "3,000 training digits in mixed order, and all the validation digits"
    some = torch.randperm(12_396, generator=torch.Generator().manual_seed(0))[:3000]
    return tuple(o[some] for o in sample_xy('train')),sample_xy('test')

def flat_list(o): return [p for q in o for p in flat_list(q)] if isinstance(o, (tuple,list)) else [o]

def parts(res):
    "Weights (784,1), bias (1,) and accuracy of what `perceptron` returned, in any nesting, or with a model in place of the first two"
    if res is None: return
    *params,acc = flat_list(res)
    if len(params)==1 and callable(params[0]):
        with torch.no_grad(): bias,both = (params[0](x) for x in (torch.zeros(1, 784),torch.eye(784)))
        return both.view(784, 1)-bias,bias.view(1),number(acc)
    if [o.numel() if isinstance(o, torch.Tensor) else 0 for o in params]==[784,1]:
        return params[0].detach().view(784, 1),params[1].detach().view(1),number(acc)
    raise CheckFailed(short(res), "What it returns has another form: weights, bias and accuracy are wanted, in this order.")

def perform(perceptron, train, valid, lr, epochs):
    "What `perceptron` makes of these data, from a start that is always the same"
    state = np.random.get_state()
    with torch.random.fork_rng(), warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter('always')
        torch.manual_seed(0)
        np.random.seed(0)
        try: return parts(given(perceptron, train_x=train[0], train_y=train[1], valid_x=valid[0], valid_y=valid[1], lr=lr, epochs=epochs))
        except (AttributeError,TypeError) as e:
            if not any('not a leaf' in str(o.message) for o in seen): raise
            from_start = isinstance(e, TypeError) and epochs==1
            raise CheckFailed(f"{type(e).__name__}: {e}", "A parameter is not a leaf but computed from a tensor that required a gradient already, so its own .grad is None. "
                "Ask for the gradient last." if from_start else f"A parameter is replaced in the step: `p - …` {NEW_TENSOR}") from e
        finally: np.random.set_state(state)

def copy_of(start, loss_func=loss, metric=accuracy, train=lambda x,y,vx,vy: (x,y), valid=lambda x,y,vx,vy: (vx,vy), n=None, turned=(), early=False, **options):
    """`perceptron` from the parameters `start`. Other options than the defaults make a mistake

    `turned` says for each epoch whether images and labels are in reverse order; `early`, that the accuracy is that before the last epoch."""
    def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
        params,data = [p.clone().requires_grad_() for p in start],(train_x,train_y,valid_x,valid_y)
        (vx,vy),accs = valid(*data),[]
        for _,turns in zip(range(n or epochs), (*turned, *[(False,False)]*99)):
            accs.append(metric(linear(params)(vx), vy))
            xy = [o.flip(0) if turn else o for o,turn in zip(train(*data), turns)]
            walk(linear(params), lr, params, list(zip(*(o.split(256) for o in xy))), loss_func, **options)
        return *params,accs[-1] if early else metric(linear(params)(vx), vy)
    return perceptron

def in_batches(metric, bs=256): return lambda p,y: torch.stack([metric(*o) for o in zip(p.split(bs), y.split(bs))])

no_sigmoid = "The sigmoid is missing in the loss.",dict(loss_func=lambda p,y: away(p, y, lambda o: o).mean())
broadcast = f"In the accuracy, {BROADCAST}",dict(metric=lambda p,y: accuracy(p.flatten(), y))
darker = dict(train=lambda x,y,vx,vy: (x/255,y))
reverse_or_not = list(product((False,True), repeat=2))
slips_of_whole = [ # what to say, and the options of `copy_of`
    *slips,
    *((one_image[0], dict(groups=singles, turned=[(a,a),(b,b)])) for a,b in reverse_or_not),
    ("It takes one step an epoch, where each batch of 256 should have its own: is all the data a single batch, or is the step outside of the loop over them?",
        dict(groups=lambda dl: [list(dl)[:1]])),
    ("It goes uphill: either there is a plus where the step needs a minus, or the two cases of the loss are the wrong way round.", dict(step=climb)),
    ("The last batch is left out when it is smaller than the others, as with drop_last.", dict(groups=lambda dl: [[b] for b in dl if len(b[0])==256])),
    ("The parameters never change: either there is no step, or the gradients are zeroed before it, or `p = p - …` takes its place.", dict(step=lambda params,lr: None)),
    (f"Parameters are replaced: `p - …` {NEW_TENSOR}", dict(step=replaced)),
    ("There is nothing to differentiate: requires_grad_() is missing, or the loss is cut off from the parameters, as under torch.no_grad().", dict(loss_func=lambda p,y: loss(p.detach(), y))),
    no_sigmoid,
    ("The sigmoid is applied twice in the loss.", dict(loss_func=lambda p,y: loss(p.sigmoid(), y))),
    ("The loss is a sum, where a mean is wanted.", dict(loss_func=lambda p,y: away(p, y).sum())),
    (f"In the loss, {BROADCAST}", dict(loss_func=lambda p,y: loss(p.flatten(), y))),
    (f"In the loss, {BROADCAST}", dict(loss_func=lambda p,y: loss(p, y.flatten()))),
    ("The loss is cross-entropy. The text asks for mnist_loss.", dict(loss_func=cross_entropy)),
    ("The loss is the mean squared error. The text asks for mnist_loss.", dict(loss_func=lambda p,y: away(p, y).square().mean())),
    ("x is paired with x: the labels never get into the loss.", dict(train=lambda x,y,vx,vy: (x,x))),
    *(("The pixels are divided by 255 a second time, as by `make_dset`: that is for bytes, and these are fractions from 0 to 1.", o)
        for o in (darker, dict(valid=lambda x,y,vx,vy: (vx/255,vy)), dict(darker, valid=lambda x,y,vx,vy: (vx/255,vy)))),
    ("Images and labels are joined to one stack, as by `make_dset(train_x, train_y)`. That takes stacks of 3s and of 7s; here x only needs pairing with y.",
        dict(train=lambda x,y,vx,vy: torch.cat([x, y]))),
    ("It trains on the validation set.", dict(train=lambda x,y,vx,vy: (vx,vy))),
    ("The training set is used to validate.", dict(valid=lambda x,y,vx,vy: (x,y))),
    *(("Images and labels are shuffled separately, and no longer belong together.", dict(turned=t))
        for t in product(reverse_or_not, repeat=2) if any(a!=b for a,b in t)),
    *(("The number of epochs is ignored.", dict(n=n)) for n in (1,5,10,20,40)),
    (broadcast[0], dict(metric=lambda p,y: in_batches(broadcast[1]['metric'])(p, y).mean())), broadcast,
    ("In the accuracy, the threshold of 0.5 belongs to probabilities: compare raw scores with 0.", dict(metric=lambda p,y: accuracy(p-0.5, y))),
    ("In the accuracy there is no threshold.", dict(metric=lambda p,y: (p==y).float().mean())),
    ("In the accuracy there is no threshold.", dict(metric=lambda p,y: (p.sigmoid()==y).float().mean())),
    ("The accuracy is in percent. A share goes from 0 to 1.", dict(metric=lambda p,y: 100*accuracy(p, y))),
    ("It returns the loss in place of the accuracy.", dict(metric=loss)),
    ("It returns the share of wrong answers.", dict(metric=lambda p,y: accuracy(-p, y))),
    ("The accuracy is that of the last batch.", dict(metric=lambda p,y: in_batches(accuracy)(p, y)[-1])),
    ("The accuracy is that of the first batch.", dict(metric=lambda p,y: in_batches(accuracy)(p, y)[0])),
    ("The accuracies of the batches are summed, and no mean is taken.", dict(metric=lambda p,y: in_batches(accuracy)(p, y).sum())),
    ("The accuracy is of the time before the last epoch: validate after it.", dict(early=True)),
    *((' '.join(text for text,_ in some), {k: v for _,options in some for k,v in options.items()})
        for n in (2,3) for some in combinations((one_image,no_sigmoid,broadcast), n)), # they often come together
]

def check_perceptron(perceptron):
    "No step, two steps and three from a known start, number by number; and then 96% on real digits, counted here"
    labels = torch.tensor([[1],[0]])
    def trial(x, y, vx, vy, lr, epochs, show):
        return Trial(lambda f: perform(f, (x,y), (vx,vy), lr, epochs), '', f"{show}, and {len(vx)} random images to validate (weights, bias and accuracy), with the shapes of\n"
            f"perceptron(torch.rand({len(x)}, 784), torch.randint(2, ({len(x)},1)), torch.randn({len(vx)}, 784), torch.randint(2, ({len(vx)},1)), lr={lr:g}, epochs={epochs})",
            tol=1e-5, expected="weights (784,1), a bias (1,) and an accuracy")
    first = trial(torch.zeros(2, 784), labels, normal(31, 784), mixed(31)[1], 0., 1, "two blank images, of a 3 and a 7")
    result = attempt(first, perceptron)
    start,trials = (normal(784, 1),normal(1)),[remembered(first, perceptron, result)]
    if isinstance(result, tuple):
        start = result[:2]
        def scaled(x, most): return x*min(1., most/(x@start[0]).abs().max().clamp(min=1e-6).item())
        x,vx = scaled(normal(2, 784, seed=2).sigmoid(), 1),scaled(normal(512, 784, seed=3), 2+3*start[1].abs().item())
        scores = linear(start)(vx)
        vy = torch.where((scores!=0) & (scores.abs()<0.7), scores>0, normal(512, 1)>torch.linspace(-1, 2, 512)[:,None]).long() # all right near 0, and fewer and fewer 3s
        lr = float(f"{4/x.square().sum(1).mean().item():.1g}")
        def drawn_once(f):
            w = perform(f, (torch.zeros(2, 784),labels), (vx,vy), 0., 2)[0]
            if not same(w, start[0]): raise CheckFailed("other weights than with one epoch", "The parameters are drawn anew in each epoch: draw them once, before the loop.")
            return "the same weights"
        trials += [trial(x, labels, vx[-200:], vy[-200:], lr, 2, "two random images, of a 3 and a 7"),
            trial(x[:1].expand(600, -1), torch.ones(600, 1).long(), vx, vy, 2*lr, 1, "600 copies of one image of a 3")]
        trials = [replace(t, want=attempt(t, copy_of(start)), expected='') for t in trials]
        trials.insert(1, Trial(drawn_once, "the same weights", "the same images, and lr = 0, but epochs = 2"))
    train,valid = digits()
    def learn(f):
        w,b,acc = perform(f, train, valid, 20., 8)
        right = accuracy(linear((w,b))(valid[0]), valid[1]).item()
        spread = start[0].std().item()
        if not right > 0.96 and f is perceptron and spread > 1.2: raise CheckFailed(f"{right:.1%} of the validation digits right, after a start with a standard deviation of {spread:.2g}",
            "The weights start too large: their standard deviation should be 1 or less. Far from 0 the sigmoid is flat, with hardly a slope to follow.")
        if not right > 0.96: raise CheckFailed(f"{right:.1%} of the validation digits right", "It is right for a few images and not for many: "
            "are all batches used, and does each image keep its own label when they are shuffled?")
        if not same(acc, right, 0.005): raise CheckFailed(f"an accuracy of {short(acc)}, where the parameters get {right:.4f}",
            "The accuracy that it returns is not that of the parameters on the validation digits: is it of other images, or of another time?")
        return 'above 96%'
    real = Trial(learn, 'above 96%', "3,000 training digits, all 2,038 validation digits, lr = 20, epochs = 8", limit=5)
    judge('perceptron', perceptron, staged(perceptron, trials, [real]), [(text, copy_of(start, **options)) for text,options in slips_of_whole],
        "chapter 03, from 'Step 1: initialize the parameters' to 'One epoch'")
