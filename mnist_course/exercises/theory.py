"Assignment 6: theory, as predictions and small computations"
# A wrong answer is never told the right one, only what kind of slip gives it. A right one is followed by a word on why
# it is right.
import re,textwrap
from functools import partial
from math import prod
from types import GeneratorType

import torch
from torch import nn
from torch.nn import functional as F

from ..loss_functions import mnist_loss,sample_xy
from .core import Problem,Trial,bind,judge,number,short
from .loaders import are_tensors,loader_trial
from .stages import chains,stage,wholes

__all__ = ['check_colour_batch', 'check_cat_and_view', 'check_seen_in_view', 'check_ink_levels',
    'check_broadcast_accuracy', 'check_l1_and_rmse', 'check_parameters_of_net', 'check_forward_by_hand',
    'check_one_layer_for_two', 'check_mean_distance', 'check_sigmoid_facts', 'check_slope_of', 'check_loss_or_metric',
    'check_walk_down', 'check_order_of_steps', 'check_without_zero_grad', 'check_shuffled_batches',
    'check_batch_facts']


# Answers, in whatever form they come

def unfit(v, wanted):
    "The problem of an answer that isn't `wanted`"
    kind = 'text in quotes' if isinstance(v, str) else f'of type {type(v).__name__}'
    seen = short(v) if isinstance(v, torch.Tensor) else repr(v)[:80]
    return Problem(f"{seen}, {kind}", f"The type is wrong: return {wanted}.")

def read_number(v):
    "A float, of a number or of a tensor with a single item"
    v = number(v)
    return v if v is None or isinstance(v, float) else unfit(v, "a number")

def read_list(v, n=None, wanted="whole numbers, in a tuple or a list"):
    "A list of `n` numbers (or any), of a tuple, list, shape, array or tensor; a number by itself is a list of one"
    if v is None: return
    items = v.tolist() if hasattr(v, 'tolist') else v
    items = [number(o) for o in (items if isinstance(items, (tuple,list)) else [items])]
    if any(not isinstance(o, float) for o in items) or n and len(items)!=n: return unfit(v, wanted)
    return [int(o) if o.is_integer() else o for o in items]

def read_letters(v, allowed):
    "Letters as one string, of `'AC'`, `'a, c'`, `'A and C'`, or of a list or set; `loss` and `metric` are L and M"
    if v is None: return
    parts = [v] if isinstance(v, str) else v
    if not isinstance(parts, (list,tuple,set,frozenset)) or any(not isinstance(o, str) for o in parts):
        return unfit(v, "letters, in a string such as 'AB' or in a list")
    text = re.sub(r'\bAND\b|(?<=\bL)OSS\b|(?<=\bM)ETRIC\b', '', ' '.join(parts).upper())
    found = ''.join(re.findall('[A-Z]', text))
    strange = sorted(set(found)-set(allowed))
    if strange: return Problem(short(v), f"There is no option {strange[0]}: the letters are {', '.join(allowed)}.")
    return found or Problem(short(v), "It names no option.")

def read_order(why, allowed, v):
    "Letters of which the order counts; `why` says of a string what is wrong with it, or None"
    if isinstance(v, (set,frozenset)): return Problem(short(v), "A set has no order: return a string or a list.")
    found = read_letters(v, allowed)
    wrong = isinstance(found, str) and why(found)
    return Problem(repr(found), wrong) if wrong else found

def read_choice(options, v):
    "Letters of which the order doesn't count, of `options`: to each letter, whether it is true, and what tells"
    found = read_letters(v, ''.join(options))
    if not isinstance(found, str): return found
    for o,(true,text) in options.items():
        if o in found and not true: return Problem(repr(found), f"{o} is not true. {text}")
    for o,(true,text) in options.items():
        if true and o not in found: return Problem(repr(found), f"What you chose is true, but it isn't all. {text}")
    return ''.join(sorted(set(found)))

def explain(text):
    "Print why an answer is right"
    print(textwrap.fill(text, 110))

def answer(v):
    "A function that returns a wrong answer"
    return lambda: v

def ask(name, f, question, want, slips, read, form=read_number, wanted="a number", tol=1e-4):
    """Judge a function without arguments by its answer, which `form` reads

    `slips` are tuples of a sentence and the wrong answers that such a slip gives."""
    causes = [(text, answer(v)) for text,*values in slips for v in values]
    trial = Trial(lambda f: form(f()), want, question, tol, f"{wanted} (the check won't say which)")
    judge(name, f, [trial], causes, read)

def choose(name, f, question, options, read):
    "Judge a choice among `options`"
    want = ''.join(o for o,(true,_) in options.items() if true)
    ask(name, f, question, want, [], read, partial(read_choice, options), "the letters of all that are true")


# Images and tensors

shape = dict(form=read_list, wanted="a shape, one length for each axis")

def check_colour_batch(colour_batch):
    "Shape of 64 colour photos, 32 high and 48 wide"
    ask('colour_batch', colour_batch, "64 colour photos, 32 pixels high and 48 wide, in one block", [64,3,32,48], [
        ("The colours come last, as in image files. PyTorch puts the sheets before rows and columns.", (64,32,48,3)),
        ("The colours come before the photos. `stack` makes a new axis in front: photos come first.", (3,64,32,48)),
        ("Width comes before height. Rows come first, and a photo has as many as it is high.", (64,3,48,32)),
        ("There is one sheet for each photo, as if grey. A colour photo has three.", (64,32,48), (64,1,32,48)),
        ("That is one photo. The axis that counts the photos is missing.", (3,32,48)),
        ("That is one photo, with the colours last. An axis for the photos is missing.", (32,48,3)),
        ("The photos are flattened to rows of numbers. Nobody has called `view` yet.", (64,3*32*48)),
        ("Photos and colours share one axis, as `cat` would have it. `stack` makes a new axis.", (64*3,32,48)),
        ("That is the rank, the number of axes. The shape has a length for each of them.", 4),
        ("That is how many numbers there are in all. The shape has a length for each axis.", 64*3*32*48)],
        "chapter 01, 'From files to one tensor'", **shape)
    explain("Photos, sheets, rows, columns; the rank, 4, is the length of the shape. No tensor knows which axis is "
        "which: a net that expects another order sees nonsense, without an error.")

def check_cat_and_view(cat_and_view):
    "Shape of all 3s and 7s as rows"
    n3,n7 = 6131,6265
    n,rows = n3+n7,"`view(-1, 28*28)` makes one row of each image"
    ask('cat_and_view', cat_and_view, "torch.cat([threes, sevens]).view(-1, 28*28)", [n,28*28], [
        (f"That is the shape before `view`. {rows}.", (n,28,28)),
        ("Rows and columns are swapped: images go down, pixels go across.", (784,n)),
        ("`view` replaces the -1 by whatever fits. What is it here?", (-1,784)),
        ("These are the 3s alone. `cat` joins both.", (n3,784)),
        ("These are the 7s alone. `cat` joins both.", (n7,784)),
        ("That joins the images side by side. `cat` joins along axis 0, the images, if you don't say.", (n3,2*784)),
        ("That is a new axis of length 2, as `stack` would make. `cat` joins along one that is there.", (2,n3,784)),
        (f"28*28 is a product: {rows}, with all its pixels.", (n,28), (n,28+28)),
        ("Each row of an image has become a row here, as `view(-1, 28)` would have it.", (n*28,28)),
        ("Everything is in one long row, as `view(-1)` would have it. Here the second length is given.", n*784),
        ("That is the shape of the labels. This is about the images.", (n,1)),
        ("That is how many images there are. The shape has a second length.", n),
        ("That is the validation set. Add up the training images.", (2038,784))],
        "chapter 02, 'Images as rows'", **shape)
    explain("`cat` puts the 7s behind the 3s along axis 0; `stack` would make a new one, and need equal lengths. "
        "`view` reads an image's rows one after the other, a number for each weight; -1 stands for 'as many as it "
        "takes'.")

def check_seen_in_view(seen_in_view):
    "Where a change through a view is seen"
    ask('seen_in_view', seen_in_view, "a = torch.zeros(4, 6); b = a.view(3, 8); b[1,5] = 7.", [2,1], [
        ("That is its place in `b`. In `a` the rows are shorter, so it is elsewhere.", (1,5)),
        ("Row and column are swapped: the row comes first.", (1,2)),
        ("Row and column are counted from 1. Python counts from 0.", (3,2)),
        ("It counts one place too few: b[1,0] comes after all 8 numbers of row 0.", (2,0)),
        ("It counts one place too many: the first number has place 0.", (2,2)),
        ("It goes down the columns of `a`. Memory is read row by row.", (1,3)),
        ("It goes down the columns of `b` and of `a`. Memory is read row by row.", (0,4)),
        ("Place 13 in memory is right, but a row of `a` has only 6 numbers.", (1,7)),
        ("That is its place in memory, or in `a.view(-1)`. In which row and column of `a` is it?", 13),
        ("It takes `b` for a copy. A view reads and writes the memory of `a`.", ())],
        "chapter 02, 'Images as rows'", form=read_list, wanted="a row and a column")
    explain("Both are the same 24 numbers in memory: b[1,5] is number 1*8 + 5 = 13, and 13 = 2*6 + 1. Nothing is "
        "copied, which makes `view` fast, and a change through one name visible through the other.")

def check_ink_levels(ink_levels):
    "Grey levels above 0 as fractions"
    g = torch.Generator().manual_seed(0)
    many = torch.randint(0, 256, (200,), generator=g).mul(torch.randint(0, 2, (200,), generator=g)).tolist()
    judge('ink_levels', ink_levels, [ink_trial([0,255]), ink_trial([51,0,0,1,255,51,128]), ink_trial([0,0]),
        ink_trial(many, "200 grey levels, half of them 0")],
        [*chains(levels_of, INK), *INK_AT_LARGE], "chapter 02, '`mnist_loss`, first attempt', has one")
    explain("A list comprehension is a loop in a line: what to keep of each, from where, on what condition. For a "
        "tensor, `x[x>0]/255` does it without a loop in Python, in a fraction of the time.")

def ink_trial(pixels, show=None):
    "A trial of `ink_levels`, which must leave its list as it is"
    def run(f):
        given = list(pixels)
        res = bind(f, pixels=given)()
        if given!=pixels: return Problem("a changed input", "It changes the list that it is given. Make a new one.")
        if isinstance(res, GeneratorType):
            return Problem("a generator", "Round brackets make a generator. Square brackets make a list.")
        if isinstance(res, (set,frozenset)):
            return Problem(short(res), "A set has no order and no two equal numbers. Square brackets make a list.")
        return read_list(res, wanted="a list of numbers")
    return Trial(run, [p/255 for p in pixels if p>0], show or f"pixels = {pixels}")

INK = dict(
    keep=stage(lambda p: p>0,
        ("It keeps the zeros. An `if` after the `for` leaves them out.", lambda p: True),
        ("The condition keeps the zeros and drops the ink: it is reversed.", lambda p: p==0),
        ("The condition keeps only the dark half. Every level above 0 is ink.", lambda p: p>127),
        ("The condition keeps only what is above 1. A level of 1 is ink, too.", lambda p: p>1)),
    scale=stage(lambda p: p/255, ("`//` divides and rounds down. Use `/`.", lambda p: p//255),
        ("The levels are not divided by 255.", lambda p: p),
        ("It divides by 256. The largest level is 255, and should become 1.", lambda p: p/256)),
    collect=stage(list, ("It adds up the levels. A list is wanted, with one number for each.", sum),
        ("It sorts the levels. They should stay in their order.", sorted),
        ("It returns the first one alone: is the `return` inside of the loop?",
            lambda ps: next(iter(ps), None))))

def levels_of(keep, scale, collect):
    "An answer to `ink_levels`"
    return lambda pixels: collect([scale(p) for p in pixels if keep(p)])

def remove_while_looping(pixels):
    pixels = list(pixels)
    for p in pixels:
        if p==0: pixels.remove(p)
    return [p/255 for p in pixels]

INK_AT_LARGE = wholes(
    ("It says which are ink, True or False, but doesn't pick them.", lambda pixels: [p>0 for p in pixels]),
    ("It removes from the list that it goes through, and steps over some: make a new one.", remove_while_looping))

def check_broadcast_accuracy(broadcast_accuracy):
    "What a column against a row makes of 64 right answers"
    agree = 48*48 + 16*16
    ask('broadcast_accuracy', broadcast_accuracy, "64 right answers, preds (64,1) and labels (64,)", agree/64**2, [
        ("A column meets a row here, and broadcasting compares every answer with every label.", 1.),
        ("That would be right for as many 3s as 7s. Here there are 48 and 16.", 0.5),
        ("That is the share of 3s. An answer '3' agrees with every 3, an answer '7' with every 7: count both.", 0.75),
        ("That is the share of 7s. Count the pairs of an answer and a label that agree.", 0.25),
        ("That is the share of pairs that differ. The comparison asks which are equal.", 0.375),
        ("That counts each answer with its own label only, 64 of 64*64. There are others that agree.", 1/64),
        ("That counts the 3s only: an answer '7' agrees with the labels of all 7s, too.", 48*48/64**2),
        ("That counts the 7s only: an answer '3' agrees with the labels of all 3s, too.", 16*16/64**2),
        ("That is how many pairs agree. `mean` divides by the number of all pairs.", agree),
        ("That is divided by 64 once. The comparison has 64*64 results, and `mean` divides by all of them.", agree/64),
        ("That is in per cent. `mean` gives a number from 0 to 1.", 62.5),
        ("That is the number of comparisons. Which share of them is True?", 64*64)],
        "chapter 02, 'Images as rows', and chapter 01, 'Broadcasting'")
    explain("(64,1) against (64,), lined up at the right, gives (64,64): each answer meets each label, and 48*48 + "
        "16*16 of 4,096 agree. All was right, and the report says 0.625, without an error. Hence `unsqueeze(1)`.")

def check_l1_and_rmse(l1_and_rmse):
    "L1 and RMSE of images that differ in 16 pixels"
    l1,rmse = 8/784,(4/784)**0.5
    pair = "two numbers, L1 and RMSE"
    ask('l1_and_rmse', l1_and_rmse, "two images of 28×28 that differ by 0.5 in 16 pixels", [l1,rmse], [
        ("The second is the MSE. RMSE is its square root.", (l1,rmse**2)),
        ("These are sums. Both measures take the mean over all the pixels.", (8,2)),
        ("These are sums, and the second is without its root. Both measures are means over all the pixels.", (8,4)),
        ("The mean of the second is missing: a root of a sum.", (l1,2)),
        ("The mean is taken over the 16 pixels that differ. The others count as well, with 0.", (0.5,0.5)),
        ("The root comes before the mean, and undoes the square. First square, then mean, then root.", (l1,l1)),
        ("The root comes before the division by the number of pixels. First square, mean, then root.", (l1,2/784)),
        ("It divides by 28. There are 28*28 pixels.", (8/28,(4/28)**0.5)),
        ("L1 has no root: the mean of the absolute values is all.", (l1**0.5,rmse)),
        ("The pixels count as if they differed by 1. They differ by 0.5.", (16/784,(16/784)**0.5)),
        ("The two are in the other order. L1 first.", (rmse,l1)),
        ("It is rounded too much to be told from other answers. Give four digits after the point.", (0.01,0.07))],
        "chapter 01, 'How far is it from an ideal?'", partial(read_list, n=2, wanted=pair), pair, 5e-4)
    explain("RMSE is seven times as large, though both are means: squaring makes a few large differences count for "
        "more than many small ones. If all the pixels were off by the same amount, the two would be equal.")


# A model and its loss

def check_parameters_of_net(parameters_of_net):
    "Number of weights and biases of linear layers"
    def trial(*sizes):
        net = nn.Sequential(*(nn.Linear(*o) for o in zip(sizes, sizes[1:])))
        want = sum(p.numel() for p in net.parameters())
        return Trial(lambda f: read_number(bind(f, sizes=list(sizes))()), want, f"sizes = {list(sizes)}")
    trials = [trial(2, 1), trial(3, 2), trial(3, 4, 2), trial(28*28, 1), trial(28*28, 30, 1), trial(7, 5, 3, 2)]
    judge('parameters_of_net', parameters_of_net, trials, [*chains(count_of, NET), *NET_AT_LARGE],
        "chapter 02, 'A weight for every pixel', and chapter 05, '`simple_net` by hand'")
    explain("The drawing: 784 circles, the pixels, each with an arrow, its weight, to one more circle, which adds "
        "all up, and its bias. That is the score, of 785 parameters. With 30 circles between, each with a ReLU: "
        "784*30+30 and 30+1.")

NET = dict(
    layers=stage(lambda pairs: pairs, ("It counts the first layer only.", lambda pairs: pairs[:1]),
        ("It leaves out the last layer.", lambda pairs: pairs[:-1]),
        ("It joins inputs to outputs, and leaves out the rest.", lambda pairs: [(pairs[0][0],pairs[-1][1])])),
    biases=stage(lambda pairs: sum(b for _,b in pairs),
        ("The biases are missing: each circle after the inputs has one.", lambda pairs: 0),
        ("There is one bias for each layer. Each circle after the inputs has its own.", len),
        ("There is a single bias in the whole net. Each circle after the inputs has one.", lambda pairs: 1),
        ("The inputs have biases as well. An input is given, nothing is added up in it.",
            lambda pairs: pairs[0][0] + sum(b for _,b in pairs)),
        ("A layer has as many biases as inputs. It has one for each output.",
            lambda pairs: sum(a for a,_ in pairs)),
        ("The biases of the last layer are missing.", lambda pairs: sum(b for _,b in pairs[:-1])),
        ("Only the last layer has biases.", lambda pairs: pairs[-1][1])))

def count_of(layers, biases):
    "An answer to `parameters_of_net`"
    def count(sizes):
        pairs = layers(list(zip(sizes, sizes[1:])))
        return sum(a*b for a,b in pairs) + (biases(pairs) if pairs else 0)
    return count

NET_AT_LARGE = wholes(("It counts the circles. Each arrow between two layers is a weight.", sum),
    ("It multiplies all the sizes. Only neighbouring layers are joined by arrows; the layers add up.", prod),
    ("It counts the arrows to one circle of each layer, and its bias. Every circle of the layer has as many.",
        lambda sizes: sum(a+1 for a in sizes[:-1])))

def check_forward_by_hand(forward_by_hand):
    "The score of a tiny net"
    x,w1,b1,w2,b2 = (torch.tensor(o) for o in ([1.,2.], [[1.,2.],[-1.,0.5]], [0.5,2.], [3.,-1.5], 1.))
    def score(x=x, b1=b1, b2=b2, act=F.relu, w2=w2): return act(x@w1 + b1)@w2 + b2
    right,zero = score(),torch.tensor(0.)
    ask('forward_by_hand', forward_by_hand, "x1 = 1 and x2 = 2", right, [
        ("The ReLU is missing: a negative sum goes on to the output.", score(act=nn.Identity())),
        ("The output has a ReLU as well. Only the hidden units have one, a score may be negative.", right.relu()),
        ("The ReLU of a negative number is 0. This is its absolute value.", score(act=torch.abs)),
        ("The ReLU is reversed: it keeps the negative number.", score(act=lambda o: -F.relu(-o))),
        ("There is a sigmoid in place of the ReLU.", score(act=torch.sigmoid)),
        ("The biases of the hidden units are missing.", score(b1=zero)),
        ("The bias of the output is missing.", score(b2=zero)),
        ("The biases are all missing.", score(b1=zero, b2=zero)),
        ("x1 and x2 are swapped.", score(x=x.flip(0))),
        ("h1 and h2 are swapped at the output.", score(w2=w2.flip(0))),
        ("The minus of the 1.5 is lost.", score(w2=w2.abs())),
        ("The sigmoid of the score is a probability. The score itself is asked for.", right.sigmoid()),
        ("That is the second hidden unit. The output is still to come.", 5)],
        "chapter 05, 'Two layers' and '`simple_net` by hand'")
    explain("The sums are -0.5 and 5, and the ReLU makes 0 and 5 of them: the first unit has no say here. A score "
        "below 0 is a 7. This was the forward pass; `backward` goes the way back, and finds each weight's share in "
        "the result.")

def check_one_layer_for_two(one_layer_for_two):
    "Weights and bias of two linear layers in one"
    def trial(w1, b1, w2, b2, show):
        def run(f):
            res = bind(f, w1=w1.clone(), b1=b1.clone(), w2=w2.clone(), b2=b2.clone())()
            if res is None: return
            if not are_tensors(res): return unfit(res, "two tensors, w and b")
            w,b = res
            return w,b.squeeze(0) if b.dim()==2 else b
        return Trial(run, (w1@w2,b1@w2 + b2), show)
    def layers(a, b, c):
        g = torch.Generator().manual_seed(a)
        return (torch.randn(o, generator=g) for o in ((a,b), (b,), (b,c), (c,)))
    t = torch.tensor
    judge('one_layer_for_two', one_layer_for_two, [
        trial(t([[2.]]), t([1.]), t([[3.]]), t([5.]), "w1 = [[2.]], b1 = [1.], w2 = [[3.]], b2 = [5.]"),
        trial(t([[1.,2.],[0.,1.]]), t([1.,2.]), t([[3.,1.],[4.,0.]]), t([7.,5.]),
            "w1 = [[1., 2.], [0., 1.]], b1 = [1., 2.], w2 = [[3., 1.], [4., 0.]], b2 = [7., 5.]"),
        trial(*layers(4, 3, 2), "random layers, 4 to 3 to 2"),
        trial(*layers(784, 30, 1), "random layers, 784 to 30 to 1"),
    ], list(chains(layer_of, LAYER)), "chapter 05, 'Two layers'")
    explain("So two linear layers in a row can do nothing that one can't, and neither can ten. With a ReLU between "
        "them no single layer gives the same: this is what a non-linearity is for.")

LOST = "The second layer multiplies what the first gives, and its bias is a part of that."
STAR = "`*` multiplies number by number. A matrix product is `@`."
LAYER = dict(
    weights=stage(lambda w1,w2: w1@w2, (STAR, lambda w1,w2: w1*w2),
        ("The weights are added. The second layer multiplies what the first gives.", lambda w1,w2: w1+w2),
        ("The matrices are in the wrong order: x meets w1 first.", lambda w1,w2: w2@w1),
        ("The weights are transposed, as `nn.Linear` keeps them. Here it is `x@w`.", lambda w1,w2: (w1@w2).T)),
    bias=stage(lambda b1,w2,b2: b1@w2 + b2, (STAR, lambda b1,w2,b2: b1*w2 + b2),
        (f"The biases are simply added. {LOST}", lambda b1,w2,b2: b1+b2),
        (f"The first bias is missing. {LOST}", lambda b1,w2,b2: b2),
        ("The second bias is missing.", lambda b1,w2,b2: b1@w2),
        ("Only the first bias is there. The second layer multiplies it and adds its own.", lambda b1,w2,b2: b1),
        ("The biases are multiplied.", lambda b1,w2,b2: b1*b2),
        ("The second bias is multiplied, too: it is added at the very end.", lambda b1,w2,b2: (b1+b2)@w2)),
    order=stage(lambda w,b: (w,b), ("Bias and weights are swapped: weights first.", lambda w,b: (b,w))))

def layer_of(weights, bias, order):
    "An answer to `one_layer_for_two`"
    return lambda w1,b1,w2,b2: order(weights(w1, w2), bias(b1, w2, b2))

def check_mean_distance(mean_distance):
    "The loss of five images"
    p,y = torch.tensor([0.9,0.1,0.3,0.6,0.8]),torch.tensor([1,0,1,0,1])
    d = torch.where(y==1, 1-p, p)
    want,right = d.mean(),((p>0.5)==y).float().mean()
    ask('mean_distance', mean_distance, "the five images", want, [
        ("That is the sum. The loss is the mean.", d.sum()),
        ("The two cases are swapped: this is the distance from the other label.", 1-want),
        ("That is the mean of the predictions. The labels haven't been looked at.", p.mean()),
        ("Each is taken as 1-p. That is for the 3s, label 1, only.", 1-p.mean()),
        ("That is the accuracy. The loss asks how far a prediction is from its label, not on which side.", right),
        ("That is the share of wrong answers. The loss asks how far from its label each prediction is.", 1-right),
        ("The differences have signs and cancel. A distance has none.", (y-p).mean(), (p-y).mean()),
        ("The distances are squared.", (d**2).mean()),
        ("The distances are squared, and there is a root.", (d**2).mean().sqrt()),
        ("That takes the sigmoid once more. The five numbers are sigmoids already.", mnist_loss(p, y)),
        ("That counts the wrong answers only. Right ones have a distance as well.", d[d>0.5].mean(), d[d>0.5].sum()/5),
        ("The 7s are left out.", d[y==1].mean()), ("The 3s are left out.", d[y==0].mean()),
        ("That is the median. The loss is the mean.", d.median()),
        ("That is cross-entropy, with a logarithm. This loss has none.", F.binary_cross_entropy(p, y.float()))],
        "chapter 02, '`mnist_loss`, first attempt'")
    explain("`torch.where` takes 1-p for a 3 and p for a 7, the distance from the label; then comes the mean. All "
        "right and sure gives 0, all wrong and sure 1, and every small change of a prediction shows in it.")

def check_sigmoid_facts(sigmoid_facts):
    "What the sigmoid does in `mnist_loss`"
    choose('sigmoid_facts', sigmoid_facts, "the six statements about the sigmoid", dict(
        A=(True, "What range do the scores of a linear model have, and which does the loss count on?"),
        B=(False, "The sigmoid always rises: still a weighted sum of pixels, above a threshold or not, decides. More "
            "needs a non-linearity between two layers."),
        C=(True, "Can a larger score have a smaller sigmoid? Look at the curve."),
        D=(False, "Each score has its sigmoid by itself. softmax gives a sum of 1, for the classes of one image."),
        E=(True, "What is it called that a unit applies to its weighted sum?"),
        F=(False, "A sigmoid above 0.5 is a score above 0: the same answers are right with it and without it.")),
        "chapter 02, '`sigmoid`', and chapter 05, 'Two layers'")
    p,y = torch.tensor([[-30.],[100.]]),torch.ones(2, 1)
    explain("Without it, one large score pays for any mistake: two 3s with scores -30 and 100 have "
        f"{(y-p).mean():.0f} as the mean of 1-p, and {mnist_loss(p, y):.1f} with it. It squeezes and keeps the "
        "order: a single unit stays as linear as it was.")

def check_slope_of(slope_of):
    "Change of a measure for each unit that all scores rise"
    small = torch.tensor([[2.],[0.]]).double(),torch.tensor([[1],[0]])
    shown = "preds = tensor([[2.],[0.]]), yb = tensor([[1],[0]])"
    g = torch.Generator().manual_seed(0)
    preds,yb = torch.randn(100, 1, generator=g).double(),(torch.rand(100, 1, generator=g)<0.8).long()
    p = preds.clone().requires_grad_()
    slope = torch.autograd.grad(mnist_loss(p, yb), p)[0].sum()
    judge('slope_of', slope_of, [
        slope_trial(squares, *small, 1e-4, 1., f"measure = ((preds-yb)**2).mean(), {shown}, h = 0.0001"),
        slope_trial(third, *small, 0.1, -2/3, f"measure = -preds.sum()/3, {shown}, h = 0.1"),
        slope_trial(mnist_loss, preds, yb, 1e-4, slope, "mnist_loss, 100 random scores with mixed labels, h = 0.0001"),
        slope_trial(accuracy, preds, yb, 1e-6, 0., "accuracy, 100 random scores with mixed labels, h = 0.000001"),
        *(slope_trial(tilted, preds[:n], yb[:n], h, (yb[:n]-0.37).sum(), f"measure = (preds*(yb-0.37)).sum(), {n} "
            f"random scores with mixed labels, h = {h}") for n,h in ((3, 0.5), (10, 0.2), (37, 0.05))),
    ], [*SLOPE_AT_LARGE, *chains(slope_by, SLOPE)], "chapter 02, 'Both, over the same weight'")
    x,y = sample_xy('test')
    scores,right = (x@torch.randn(28*28, 1, generator=g)).double(),slope_by(*(o[0].do for o in SLOPE.values()))
    a,l = (right(m, scores, y, 1e-4).item() for m in (accuracy,mnist_loss))
    explain(f"On the {len(y):,} validation images, with random weights, the slope of accuracy is {a:.4f} and that of "
        f"mnist_loss {l:.4f}. Accuracy moves only when a score crosses 0: nearly everywhere its slope is 0, and no "
        "weight is told which way to go. So it can't be the loss, which has to notice every small change.")

def accuracy(preds, yb): return ((preds>0)==yb).double().mean()
def squares(preds, yb): return ((preds-yb)**2).mean()
def third(preds, yb): return -preds.sum()/3
def tilted(preds, yb): return (preds*(yb-0.37)).sum() # a straight line, on which h may be large

def slope_trial(measure, preds, yb, h, want, show):
    "A trial of `slope_of`, which must leave the scores as they are"
    def run(f):
        given = preds.clone()
        res = bind(f, measure=measure, preds=given, yb=yb.clone(), h=h)()
        if torch.allclose(given, preds, atol=1e-9): return read_number(res)
        return Problem("changed scores",
            "It changes `preds`, as `+=` does: the scores are needed as they were. Write `preds + h`.")
    return Trial(run, want, show, tol=1e-3)

OWN = "It always measures by {}. Use the measure that it is given."
SLOPE = dict( # by what it measures, where, and how far that is from one to the other
    by=stage(lambda measure: measure, (OWN.format('mnist_loss'), lambda measure: mnist_loss),
        (OWN.format('accuracy'), lambda measure: accuracy)),
    way=stage(lambda p,h: (p+h,p,h), lambda p,h: (p+h,p-h,2*h),
        ("From preds-h to preds+h is a way of 2*h, and it is divided by h.", lambda p,h: (p+h,p-h,h)),
        ("From preds to preds+h is a way of h, and it is divided by 2*h.", lambda p,h: (p+h,p,2*h)),
        ("It multiplies the scores, which leaves a 0 where it is. Add h to each.", lambda p,h: (p*(1+h),p,h))),
    change=stage(lambda up,down: up-down,
        ("The sign is wrong: it should be positive if the measure rises.", lambda up,down: down-up),
        ("It loses the sign: a measure can fall as well.", lambda up,down: abs(up-down)),
        ("That is the share by which it changes. A difference is wanted.", lambda up,down: (up-down)/down),
        ("That is the new measure. How much has it changed?", lambda up,down: up),
        ("It gives 0 whatever the measure. Accuracy may not move, but others do.", lambda up,down: 0*up)),
    over=stage(lambda change,way: change/way,
        ("The change isn't divided by the way from one side to the other, h or 2*h.", lambda change,way: change),
        ("It multiplies by h where it should divide.", lambda change,way: change*way)))

def slope_by(by, way, change, over):
    "An answer to `slope_of`"
    def slope(measure, preds, yb, h):
        up,down,width = way(preds, h)
        return over(change(by(measure)(up, yb), by(measure)(down, yb)), width)
    return slope

def by_backward(measure, preds, yb, h):
    preds = preds.clone().requires_grad_()
    measure(preds, yb).backward()
    return preds.grad.sum()

SLOPE_AT_LARGE = wholes(
    ("That is the measure itself. How much has it changed?", lambda measure,preds,yb,h: measure(preds+h, yb)),
    ("It moves the labels. Move the scores.", lambda m,preds,yb,h: (m(preds, yb+h)-m(preds, yb))/h),
    ("`backward` finds no way through a comparison: accuracy has no derivative. Measure twice.", by_backward))

def check_loss_or_metric(loss_or_metric):
    "Which statements are about a loss, which about a metric"
    ask('loss_or_metric', loss_or_metric, "the six statements", ''.join(o for o,_ in STATEMENTS), [],
        "chapter 02, 'Why accuracy cannot be the loss'", partial(read_order, misjudged, 'LM'), "six letters, L or M")
    explain("The loss is for the machine and has to point somewhere from wherever you stand. The metric is for "
        "people and has to mean something to them. Sometimes one number can serve as both; accuracy can't.")

STATEMENTS = [('L', "`backward` asks for slopes, and only one of the two has useful ones."),
    ('L', "One of the two stands still until an answer changes sides. That is no harm in a number that people read."),
    ('M', "A threshold makes a staircase of it: useless for finding a way down, no obstacle for counting."),
    ('M', "A colleague wants a number that means something, such as the share of right answers."),
    ('L', "An optimizer goes down a slope, so it works on the one that has a slope."),
    ('M', "The weights are changed by the gradient of one of the two. The other is only looked at.")]

def misjudged(got):
    "The first statement that is given the wrong letter"
    if len(got)!=6: return f"There are six statements, and this is {len(got)} letters."
    for i,((letter,text),g) in enumerate(zip(STATEMENTS, got), 1):
        if letter!=g: return f"Statement {i}. {text}"


# Learning

def check_walk_down(walk_down):
    "Steps of gradient descent on (w-5)²"
    right = walk_of(*(o[0].do for o in WALK.values()))
    def trial(w, lr, n):
        return Trial(lambda f: read_number(bind(f, w=w, lr=lr, n=n)()), right(w, lr, n), f"{w = }, {lr = }, {n = }")
    trials = [trial(2., 0.1, 1), trial(2., 0.1, 2), trial(7.3, 0.31, 3), trial(-1.7, 0.023, 10), trial(4.1, 1.07, 5)]
    judge('walk_down', walk_down, trials, list(chains(walk_of, WALK)), "chapter 03, 'One parameter: the parabola'")
    ends = ', '.join(f"{(right(2., lr, 10)-5)**2:.2g} at lr = {lr}" for lr in (0.02,0.3,1.05))
    explain(f"Ten steps from w = 2, where the loss is 9, lead to a loss of {ends}. Too small a learning rate takes "
        "for ever. With too large a one, each step goes over the bottom and lands higher on the other side.")

WALK = dict(
    gradient=stage(lambda w: 2*(w-5),
        ("The gradient lacks the factor 2 that the derivative of a square has.", lambda w: w-5),
        ("It takes the loss for its gradient. How steep is it, not how high?", lambda w: (w-5)**2),
        ("That is the gradient of w². This valley has its bottom at 5.", lambda w: 2*w),
        ("It goes by the learning rate alone. The gradient is missing.", lambda w: 1.)),
    used=stage(lambda found: found[-1], ("The gradients add up: `.grad` isn't cleared after a step.", sum),
        ("The gradient is calculated once, at the start, and kept. It changes with w.", lambda found: found[0])),
    rate=stage(lambda g,lr: g*lr, ("The gradient isn't multiplied by the learning rate.", lambda g,lr: g),
        ("It divides by the learning rate. It should multiply.", lambda g,lr: g/lr)),
    sign=stage(lambda step: -step, ("It goes uphill: the sign of the step is wrong.", lambda step: step)),
    count=stage(lambda n: n,
        ("It takes one step, whatever n is: is the `return` inside of the loop?", lambda n: 1),
        ("It takes one step too many.", lambda n: n+1), ("It takes one step too few.", lambda n: n-1),
        ("It hasn't moved: the new value is not kept.", lambda n: 0)),
    result=stage(lambda start,w: w,
        ("That is the loss where it arrives. The place, w, is asked for.", lambda start,w: (w-5)**2),
        ("That is the gradient where it arrives. The place, w, is asked for.", lambda start,w: 2*(w-5)),
        ("That is how far it has come. The place, w, is asked for.", lambda start,w: w-start)))

def walk_of(gradient, used, rate, sign, count, result):
    "An answer to `walk_down`"
    def walk(w, lr, n):
        start,found = w,[]
        for _ in range(count(n)):
            found.append(gradient(w))
            w += sign(rate(used(found), lr))
        return result(start, w)
    return walk

def check_order_of_steps(order_of_steps):
    "The seven steps of gradient descent"
    ask('order_of_steps', order_of_steps, "the seven steps", 'CEBFDGA', [],
        "chapter 03, 'Three parameters: the roller coaster in seven steps'",
        partial(read_order, misplaced, 'ABCDEFG'), "seven letters in order")
    explain("Each step needs what the one before has made. Nothing here says what the model is or how large: the "
        "same loop trains one parameter, 785, or millions.")

RULES = dict(CE="Predictions come from parameters, so there have to be some first.",
    EB="The loss compares predictions with labels, so the predictions come before it.",
    BF="The gradient is that of the loss, so the loss comes before it.",
    FD="A step goes against the gradient, so the gradient comes before it.",
    DG="A round ends with the step, and then it goes back.", GA="Stopping comes last, after all the rounds.")

def misplaced(got):
    "The first rule that an order breaks"
    for o in 'ABCDEFG':
        if o not in got: return f"Each letter comes once, and {o} is missing."
        if got.count(o)>1: return f"Each letter comes once, and {o} comes more often."
    for (first,then),text in RULES.items():
        if got.index(first) > got.index(then): return text

def check_without_zero_grad(without_zero_grad):
    "Where three steps lead if the gradients are never cleared"
    cleared = "That is right if the gradient is cleared after each step. Here each new one is added to those before."
    ask('without_zero_grad', without_zero_grad, "w = 1, lr = 0.5, three batches", 1 - 0.5*(0.4 + 0.3 + 0.5), [
        (cleared, 0.75), (f"{cleared} (And the learning rate is missing.)", 0.5),
        ("The learning rate is missing.", -0.2),
        ("It goes uphill: a step subtracts.", 1.6),
        ("It goes uphill, and doesn't add the gradients up. A step subtracts, and `backward` adds.", 1.25),
        ("That is only the last batch's step. The two before have moved w as well.", 0.9),
        ("That is how far w has moved. Where is it, having started at 1?", 0.6, -0.6),
        ("That is the sum of the gradients of the three steps. They still need the rate, and w starts at 1.", 1.2),
        ("The minus of the second gradient is lost.", 0.2),
        ("The last step is missing. There are three.", 0.65),
        ("That is w after a single step.", 0.8),
        ("That steps by the mean of the gradients so far. `backward` doesn't average.", 1 - 0.5*(0.4 + 0.15 + 0.5/3))],
        "chapter 03, '`calc_grad`, and gradients that add up'")
    explain("`backward` adds to `.grad`: the steps find 0.4, then 0.4-0.1 = 0.3, then 0.3+0.2 = 0.5, and subtract "
        "half of each. The first batch counts three times. In training the steps tend to grow and grow, without an "
        "error.")

def check_shuffled_batches(shuffled_batches):
    "A loader: batches of pairs, in a new random order at each pass"
    def trial(n, bs):
        i = torch.arange(n)
        x,y = torch.stack([i,i+0.5], dim=1),10*i.unsqueeze(1)
        return loader_trial(lambda f: bind(f, x=x, y=y, bs=bs), x, y, bs, f"{n} pairs in batches of {bs}, two passes")
    judge('shuffled_batches', shuffled_batches, [trial(10, 3), trial(6, 3), trial(50, 8)], (),
        "chapter 03, 'Mini-batches and `DataLoader`'")
    explain("A new order each pass, everything once, images with their labels: so does `DataLoader(..., "
        "shuffle=True)`. Our 12,396 training images in batches of 256 make 48 full ones and one of 108, a step for "
        "each: that is an epoch.")

def check_batch_facts(batch_facts):
    "What mini-batches and shuffling are for"
    choose('batch_facts', batch_facts, "the six statements about batches", dict(
        A=(False, "fastai's and PyTorch's `DataLoader` keep the order of the data unless you pass `shuffle=True`."),
        B=(True, "What do you learn from a fair sample?"),
        C=(True, "How many steps does one pass give if each looks at all the data?"),
        D=(False, "It is the other way round. The mean over few images depends on which. The exact one looks at all."),
        E=(False, "Accuracy over all the validation images is the same in any order: no step is taken between them."),
        F=(True, "In which order do our training images lie in memory, and what would the first batches be?")),
        "chapter 03, 'Mini-batches and `DataLoader`' and 'What shuffling does'")
    x,y = sample_xy('train')
    g = torch.Generator().manual_seed(42)
    w = torch.randn(28*28, 1, generator=g).requires_grad_()
    def gradient(i): return torch.autograd.grad(mnist_loss(x[i]@w, y[i]), w)[0].flatten()
    full,some = gradient(slice(None)),torch.randperm(len(x), generator=g)[:256]
    fair,threes,sevens = (F.cosine_similarity(gradient(i), full, dim=0) for i in (some, slice(256), slice(-256, None)))
    explain(f"The cosine with the gradient of all {len(x):,} images, measured with random weights (1 is the same "
        f"direction): 256 at random {fair:.2f}, the first 256, all 3s, {threes:.2f}, the last, all 7s, {sevens:.2f}. "
        "A random handful shows nearly the right way for a fiftieth of the work. One that isn't random may not.")
