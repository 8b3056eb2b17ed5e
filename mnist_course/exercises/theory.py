"Assignment 6: theory, as predictions and small computations"
# A wrong answer is never told the right one, only of what kind it is. A right one is followed by a word on why it is right.
import re,textwrap
from functools import partial
from types import GeneratorType

import torch,torch.nn.functional as F
from torch import nn

from ..loss_functions import mnist_loss,sample_xy
from .core import Problem,Trial,attempt,bind,judge,number,short

__all__ = ['check_colour_batch', 'check_cat_and_view', 'check_seen_in_view', 'check_ink_levels', 'check_broadcast_accuracy', 'check_l1_and_rmse',
    'check_parameters_of_net', 'check_forward_by_hand', 'check_one_layer_for_two', 'check_mean_distance', 'check_sigmoid_facts', 'check_slope_of',
    'check_loss_or_metric', 'check_walk_down', 'check_order_of_steps', 'check_without_zero_grad', 'check_shuffled_batches', 'check_batch_facts']


# Answers, in whatever form they come

def unfit(v, wanted):
    "The problem of an answer that isn't `wanted`"
    kind = 'text in quotes' if isinstance(v, str) else f'of type {type(v).__name__}'
    return Problem(f"{short(v) if isinstance(v, torch.Tensor) else repr(v)[:80]}, {kind}", f"The type is wrong: return {wanted}.")

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

def read_letters(v, allowed, ordered=False, names=()):
    """Letters as one string, of `'AC'`, `'a, c'`, `'A and C'`, or of a list or set of such; sorted, unless their order is the answer

    A word in `names` stands for its first letter."""
    if v is None: return
    parts = [v] if isinstance(v, str) else list(v) if isinstance(v, (tuple,list,set,frozenset)) else [v]
    if any(not isinstance(o, str) for o in parts): return unfit(v, "letters, in a string such as 'AB' or in a list")
    if ordered and isinstance(v, (set,frozenset)): return Problem(short(v), "A set has no order: return a string or a list.")
    words = [o for o in re.findall('[A-Z]+', ' '.join(parts).upper()) if o!='AND']
    found = ''.join(o[0] if o in names else o for o in words)
    strange = sorted(set(found)-set(allowed))
    if strange: return Problem(short(v), f"There is no option {strange[0]}: the letters are {', '.join(allowed)}.")
    if not found: return Problem(short(v), "It names no option.")
    return found if ordered else ''.join(sorted(set(found)))

def explain(text):
    "Print why an answer is right"
    print(textwrap.fill(text, 110))

def ask(name, f, question, want, why, read, form=read_number, wanted="a number", tol=1e-4):
    """Judge a function without arguments by its answer, which `form` reads

    `why` are pairs of a sentence and a wrong answer, or a function that returns the sentence for a wrong answer."""
    if not callable(f): judge(name, f, [], read=read)
    got = attempt(Trial(lambda f: form(f()), want, question), f)
    if callable(why): why = [(why(got), got)] if isinstance(got, str) and got!=want else []
    trial = Trial(lambda f: f(), want, question, tol, f"{wanted} (the check won't say which)")
    judge(name, lambda: got, [trial], [(text, partial(form, v)) for text,v in why], read)

def choose(name, f, question, options, read):
    "Judge a choice among `options`: a letter, whether it is true, and a sentence for who gets it wrong"
    def why(got):
        for o,true,text in options:
            if o in got and not true: return f"{o} is not true. {text}"
        return "What you chose is true, but it isn't all. " + next(text for o,true,text in options if true and o not in got)
    ask(name, f, question, ''.join(o for o,true,_ in options if true), why, read,
        partial(read_letters, allowed=[o for o,_,_ in options]), "the letters of all that are true")


# Images and tensors

shape = dict(form=read_list, wanted="a shape, one length for each axis")

def check_colour_batch(colour_batch):
    "Shape of 64 colour photos, 32 high and 48 wide"
    want = list(torch.stack([torch.zeros(3, 32, 48)]*64).shape)
    ask('colour_batch', colour_batch, "64 colour photos, 32 pixels high and 48 wide, in one block", want, [
        ("The colours come last, as image files and NumPy often have them. PyTorch puts the sheets before rows and columns.", (64,32,48,3)),
        ("The colours come before the photos. `stack` makes a new axis in front, so photos are counted first.", (3,64,32,48)),
        ("Width comes before height. Rows are counted first, and a photo has as many rows as it is high.", (64,3,48,32)),
        ("There is one sheet for each photo, as if they were grey. A colour photo has three.", (64,32,48)),
        ("There is one sheet for each photo, as if they were grey. A colour photo has three.", (64,1,32,48)),
        ("That is one photo. The axis that counts the photos is missing.", (3,32,48)),
        ("That is one photo, with the colours last. The axis that counts the photos is missing, and PyTorch puts the sheets first.", (32,48,3)),
        ("The photos are flattened to rows of numbers. Nobody has called `view` yet.", (64,3*32*48)),
        ("Photos and colours share one axis, as `cat` would have it. `stack` makes a new axis.", (64*3,32,48)),
        ("That is the rank, the number of axes. The shape has a length for each of them.", 4),
        ("That is how many numbers there are in all. The shape has a length for each axis.", 64*3*32*48)],
        "chapter 01, 'From files to one tensor'", **shape)
    explain("Photos, sheets, rows, columns. The rank is 4, the length of the shape. The tensor doesn't know which axis is which: their order is an "
        "agreement, and a net that expects another one sees nonsense without an error.")

def check_cat_and_view(cat_and_view):
    "Shape of all 3s and 7s as rows"
    x,y = sample_xy('train')
    n,n3,n7 = (o.sum().item() for o in (y>=0,y==1,y==0))
    rows = "`view(-1, 28*28)` makes one row of each image"
    ask('cat_and_view', cat_and_view, "torch.cat([threes, sevens]).view(-1, 28*28)", list(x.shape), [
        (f"That is the shape before `view`. {rows}.", (n,28,28)),
        ("Rows and columns are swapped: images go down, pixels go across.", (784,n)),
        ("`view` replaces the -1 by whatever fits. What is it here?", (-1,784)),
        ("These are the 3s alone. `cat` joins both.", (n3,784)),
        ("These are the 7s alone. `cat` joins both.", (n7,784)),
        ("That joins the images side by side. `cat` without a second argument joins along axis 0, the images.", (n3,2*784)),
        ("That is a new axis of length 2, as `stack` would make. `cat` joins along an axis that is there already.", (2,n3,784)),
        (f"28*28 is a product: {rows}, with all its pixels.", (n,28)),
        (f"28*28 is a product: {rows}, with all its pixels.", (n,28+28)),
        ("Each row of an image has become a row here, as `view(-1, 28)` would have it.", (n*28,28)),
        ("Everything is in one long row, as `view(-1)` would have it. Here the second length is given.", n*784),
        ("That is the shape of the labels. This is about the images.", (n,1)),
        ("That is how many images there are. The shape has a second length.", n),
        ("That is the validation set. Add up the training images.", (2038,784))],
        "chapter 02, 'Images as rows'", **shape)
    explain("`cat` puts the 7s behind the 3s along axis 0, an axis that both have (`stack` would make a new one, and would need equal lengths). "
        "`view` reads the 28 rows of each image one after the other as a single row of 784, one number for each weight; -1 stands for 'as many "
        "as it takes'.")

def check_seen_in_view(seen_in_view):
    "Where a change through a view is seen"
    a = torch.zeros(4, 6)
    a.view(3, 8)[1,5] = 7.
    ask('seen_in_view', seen_in_view, "a = torch.zeros(4, 6); b = a.view(3, 8); b[1,5] = 7.", a.nonzero()[0].tolist(), [
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
    explain("Both are the same 24 numbers in memory, read in rows of another length. b[1,5] is number 1*8 + 5 = 13, counted from 0, and "
        "13 = 2*6 + 1. Nothing was copied, which makes `view` fast, and makes a change through one name visible through the other.")

def check_ink_levels(ink_levels):
    "Grey levels above 0 as fractions"
    def levels(v):
        if isinstance(v, GeneratorType): return Problem("a generator", "It is a generator, made by round brackets. Square brackets make a list.")
        if isinstance(v, (set,frozenset)): return Problem(short(v), "A set has no order and no two equal numbers. Square brackets make a list.")
        return read_list(v, wanted="a list of numbers")
    def trial(pixels, show=None):
        def run(f):
            given = list(pixels)
            res = levels(bind(f, pixels=given)())
            return res if given==pixels else Problem("a changed input", "It changes the list that it is given. Make a new one.")
        return Trial(run, [p/255 for p in pixels if p>0], show or f"pixels = {pixels}")
    g = torch.Generator().manual_seed(0)
    many = torch.randint(0, 256, (200,), generator=g).mul(torch.randint(0, 2, (200,), generator=g)).tolist()
    kept = "The condition keeps"
    judge('ink_levels', ink_levels, [trial([0,255]), trial([51,0,0,1,255,51,128]), trial([0,0]), trial(many, "200 grey levels, half of them 0")], [
        ("It keeps the zeros: a condition after the `for` leaves things out, `if … else` before it does not.",
            lambda pixels: [p/255 for p in pixels]),
        (f"{kept} the zeros and drops the ink: it is reversed.", lambda pixels: [p/255 for p in pixels if p==0]),
        (f"{kept} only the dark half. Every level above 0 is ink.", lambda pixels: [p/255 for p in pixels if p>127]),
        (f"{kept} only the dark half. Every level above 0 is ink.", lambda pixels: [p/255 for p in pixels if p>=127]),
        (f"{kept} only what is above 1. A level of 1 is ink, too.", lambda pixels: [p/255 for p in pixels if p>1]),
        ("`//` divides and rounds down. Use `/`.", lambda pixels: [p//255 for p in pixels if p>0]),
        ("The levels are not divided by 255.", lambda pixels: [p for p in pixels if p>0]),
        ("It divides by 256. The largest level is 255, and should become 1.", lambda pixels: [p/256 for p in pixels if p>0]),
        ("It returns a single number, not a list: is the `return` inside of the loop, or is there a sum?",
            lambda pixels: next((p/255 for p in pixels if p>0), None)),
        ("It says which are ink, True or False, but doesn't pick them.", lambda pixels: [p>0 for p in pixels]),
        ("It adds up the levels. A list is wanted, with one number for each.", lambda pixels: sum(p/255 for p in pixels)),
        ("It sorts the levels. They should stay in their order.", lambda pixels: sorted(p/255 for p in pixels if p>0)),
        ("It removes from the list while it goes through it, and so steps over some. Make a new list.", remove_while_looping),
    ], "chapter 02, '`mnist_loss`, first attempt', which has a list comprehension")
    explain("A list comprehension is a loop in a line: what to keep of each, from where, and on what condition. For a tensor, `x[x>0]/255` does it "
        "without a loop in Python, in a fraction of the time.")

def remove_while_looping(pixels):
    "A mistake in `ink_levels`"
    pixels = list(pixels)
    for p in pixels:
        if p==0: pixels.remove(p)
    return [p/255 for p in pixels]

def check_broadcast_accuracy(broadcast_accuracy):
    "What a column against a row makes of 64 right answers"
    yb = torch.tensor([1]*48 + [0]*16)
    preds = yb.float().unsqueeze(1)*2 - 1
    ask('broadcast_accuracy', broadcast_accuracy, "64 right answers, preds (64,1) and labels (64,)", ((preds>0)==yb).float().mean(), [
        ("That would be right if both were (64,1). Here a column meets a row, and broadcasting compares every answer with every label.", 1.),
        ("That would be right for as many 3s as 7s. Here there are 48 and 16.", 0.5),
        ("That is the share of 3s. An answer '3' agrees with every 3, and an answer '7' with every 7: count both.", 0.75),
        ("That is the share of 7s. Count the pairs of an answer and a label that agree.", 0.25),
        ("That is the share of pairs that differ. The comparison asks which are equal.", 0.375),
        ("That counts each answer with its own label only, 64 of 64*64. There are others that agree.", 1/64),
        ("That counts the 3s only: an answer '7' agrees with the labels of all 7s, too.", 48*48/64**2),
        ("That counts the 7s only: an answer '3' agrees with the labels of all 3s, too.", 16*16/64**2),
        ("That is how many pairs agree. `mean` divides by the number of all pairs.", 48*48 + 16*16),
        ("That is divided by 64 once. The comparison has 64*64 results, and `mean` divides by all of them.", 40),
        ("That is in per cent. `mean` gives a number from 0 to 1.", 62.5),
        ("That is the number of comparisons. Which share of them is True?", 64*64)],
        "chapter 02, 'Images as rows', and chapter 01, 'Broadcasting'")
    explain("(64,1) against (64,) is lined up at the right, and gives (64,64): each of the 64 answers is compared with each of the 64 labels, and "
        "48*48 + 16*16 of 4,096 agree. All was right, and what is reported is far from 1, without an error. Hence the `unsqueeze(1)` of the labels.")

def check_l1_and_rmse(l1_and_rmse):
    "L1 and RMSE of images that differ in 16 pixels"
    a,b = torch.zeros(28, 28),torch.zeros(28, 28)
    b[5:9,5:9] = 0.5
    l1,rmse = F.l1_loss(a, b).item(),F.mse_loss(a, b).sqrt().item()
    ask('l1_and_rmse', l1_and_rmse, "two images of 28×28 that differ by 0.5 in 16 pixels", [l1,rmse], [
        ("The second is the MSE. RMSE is its square root.", (l1,rmse**2)),
        ("These are sums. Both measures take the mean over all the pixels.", (8,2)),
        ("These are sums, and the second is without its root. Both measures take the mean over all the pixels.", (8,4)),
        ("The mean of the second is missing: a root of a sum.", (l1,2)),
        ("The mean is taken over the 16 pixels that differ. The others count as well, with 0.", (0.5,0.5)),
        ("The root comes before the mean, and undoes the square. First square, then mean, then root.", (l1,l1)),
        ("The root comes before the division by the number of pixels. First square, then mean, then root.", (l1,2/784)),
        ("It divides by 28. There are 28*28 pixels.", (8/28,(4/28)**0.5)),
        ("L1 has no root: the mean of the absolute values is all.", (l1**0.5,rmse)),
        ("The pixels count as if they differed by 1. They differ by 0.5.", (16/784,(16/784)**0.5)),
        ("The two are in the other order. L1 first.", (rmse,l1)),
        ("It is rounded too much to tell it from other answers. Give four digits after the point, or let Python calculate.", (0.01,0.07))],
        "chapter 01, 'How far is it from an ideal?'", partial(read_list, n=2, wanted="two numbers, L1 and RMSE"), "two numbers, L1 and RMSE", 5e-4)
    explain("RMSE is seven times as large here, though both are means. Squaring makes a few large differences count for more than many small ones; "
        "if all the pixels were off by the same amount, L1 and RMSE would be equal.")


# A model and its loss

def check_parameters_of_net(parameters_of_net):
    "Number of weights and biases of linear layers"
    def trial(*sizes):
        net = nn.Sequential(*(nn.Linear(*o) for o in zip(sizes, sizes[1:])))
        return Trial(lambda f: read_number(bind(f, sizes=list(sizes))()), sum(p.numel() for p in net.parameters()), f"sizes = {list(sizes)}")
    def weights(sizes): return sum(a*b for a,b in zip(sizes, sizes[1:]))
    judge('parameters_of_net', parameters_of_net, [trial(2, 1), trial(3, 2), trial(3, 4, 2), trial(28*28, 1), trial(28*28, 30, 1), trial(7, 5, 3, 2)], [
        ("The biases are missing: each circle after the inputs has one.", weights),
        ("There is one bias for each layer. Each circle after the inputs has its own.", lambda sizes: weights(sizes) + len(sizes)-1),
        ("There is a single bias in the whole net. Each circle after the inputs has one.", lambda sizes: weights(sizes) + 1),
        ("The inputs have biases as well. An input is given, nothing is added up in it.", lambda sizes: weights(sizes) + sum(sizes)),
        ("A layer has as many biases as inputs. It has one for each output.", lambda sizes: weights(sizes) + sum(sizes[:-1])),
        ("The biases of the last layer are missing.", lambda sizes: weights(sizes) + sum(sizes[1:-1])),
        ("Only the last layer has biases.", lambda sizes: weights(sizes) + sizes[-1]),
        ("It counts the circles. Each arrow between two layers is a weight.", sum),
        ("It multiplies all the sizes. Only neighbouring layers are joined by arrows; the layers add up.", lambda sizes: torch.tensor(sizes).prod()),
        ("It counts the first layer only.", lambda sizes: sizes[0]*sizes[1] + sizes[1]),
        ("It leaves out the last layer.", lambda sizes: sum(a*b+b for a,b in zip(sizes[:-1], sizes[1:-1]))),
        ("It joins the inputs to the outputs directly, and leaves out what is between.", lambda sizes: sizes[0]*sizes[-1] + sizes[-1]),
        ("It counts the arrows to one circle of each layer, and its bias. Every circle of the layer has as many.",
            lambda sizes: sum(a+1 for a in sizes[:-1])),
    ], "chapter 02, 'A weight for every pixel', and chapter 05, '`simple_net` by hand'")
    explain("The drawing: 784 circles, the pixels, each with an arrow to one more circle, which adds up what arrives, each pixel times the weight "
        "of its arrow, and then its bias. What comes out is the score: 785 parameters. With 30 circles between there are 30 such sums, then a "
        "ReLU on each, and a sum of these: 784*30+30 and 30+1.")

def check_forward_by_hand(forward_by_hand):
    "The score of a tiny net"
    x,w1,b1,w2,b2 = (torch.tensor(o) for o in ([1.,2.],[[1.,2.],[-1.,0.5]],[0.5,2.],[3.,-1.5],1.))
    def score(x=x, b1=b1, b2=b2, act=F.relu, w2=w2): return act(x@w1 + b1)@w2 + b2
    right,zero = score(),torch.tensor(0.)
    ask('forward_by_hand', forward_by_hand, "x1 = 1 and x2 = 2", right, [
        ("The ReLU is missing: a negative sum goes on to the output.", score(act=lambda o: o)),
        ("The output has a ReLU as well. Only the hidden units have one, a score may be negative.", right.relu()),
        ("The ReLU of a negative number is 0. This is its absolute value.", score(act=torch.abs)),
        ("The ReLU is reversed: it keeps the negative number and drops the positive one.", score(act=lambda o: o.clamp(max=0))),
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
    explain("The sums are -0.5 and 5, so the ReLU makes 0 and 5 of them: the first unit has no say about this input. The score is below 0, which "
        "means a 7. Going through a net like this is the forward pass. `backward` goes the same way back, and finds how much each weight had to"
        " do with the result.")

def check_one_layer_for_two(one_layer_for_two):
    "Weights and bias of two linear layers in one"
    def trial(w1, b1, w2, b2, show):
        def run(f):
            res = bind(f, w1=w1.clone(), b1=b1.clone(), w2=w2.clone(), b2=b2.clone())()
            if res is None: return
            if not isinstance(res, (tuple,list)) or [isinstance(o, torch.Tensor) for o in res]!=[True,True]: return unfit(res, "two tensors, w and b")
            w,b = res
            return w,b.squeeze(0) if b.dim()==2 else b
        return Trial(run, (w1@w2,b1@w2 + b2), show)
    def layers(a, b, c):
        g = torch.Generator().manual_seed(a)
        return (torch.randn(o, generator=g) for o in ((a,b),(b,),(b,c),(c,)))
    t = torch.tensor
    trials = [trial(t([[2.]]), t([1.]), t([[3.]]), t([5.]), "w1 = [[2.]], b1 = [1.], w2 = [[3.]], b2 = [5.]"),
        trial(t([[1.,2.],[0.,1.]]), t([1.,2.]), t([[3.,1.],[4.,0.]]), t([7.,5.]),
            "w1 = [[1., 2.], [0., 1.]], b1 = [1., 2.], w2 = [[3., 1.], [4., 0.]], b2 = [7., 5.]"),
        trial(*layers(4, 3, 2), "random layers, 4 to 3 to 2"), trial(*layers(28*28, 30, 1), "random layers, 784 to 30 to 1")]
    lost = "The second layer multiplies what the first gives, and its bias is a part of that."
    judge('one_layer_for_two', one_layer_for_two, trials, [
        (f"The biases are simply added. {lost}", lambda w1,b1,w2,b2: (w1@w2,b1+b2)),
        (f"The first bias is missing. {lost}", lambda w1,b1,w2,b2: (w1@w2,b2)),
        ("The second bias is missing.", lambda w1,b1,w2,b2: (w1@w2,b1@w2)),
        ("There is only the first bias, as it was. The second layer multiplies it and adds its own.", lambda w1,b1,w2,b2: (w1@w2,b1)),
        ("The biases are multiplied.", lambda w1,b1,w2,b2: (w1@w2,b1*b2)),
        ("The second bias is multiplied, too: it is added at the very end.", lambda w1,b1,w2,b2: (w1@w2,(b1+b2)@w2)),
        ("The weights are added. The second layer multiplies what the first gives.", lambda w1,b1,w2,b2: (w1+w2,b1@w2 + b2)),
        ("`*` multiplies number by number. A matrix product is `@`.", lambda w1,b1,w2,b2: (w1*w2,b1@w2 + b2)),
        ("The matrices are in the wrong order: x meets w1 first.", lambda w1,b1,w2,b2: (w2@w1,b1@w2 + b2)),
        ("`*` multiplies number by number. A matrix product is `@`.", lambda w1,b1,w2,b2: (w1@w2,b1*w2 + b2)),
        ("`*` multiplies number by number. A matrix product is `@`.", lambda w1,b1,w2,b2: (w1*w2,b1*w2 + b2)),
        ("The weights are transposed, as `nn.Linear` keeps them. Here they are used as `x@w`.", lambda w1,b1,w2,b2: ((w1@w2).T,b1@w2 + b2)),
        ("Bias and weights are swapped: weights first.", lambda w1,b1,w2,b2: (b1@w2 + b2,w1@w2)),
    ], "chapter 05, 'Two layers'")
    explain("So two linear layers in a row can do nothing that one can't, and neither can ten. Put a ReLU between them and no single layer gives "
        "the same any more: this is what a non-linearity is for.")

def check_mean_distance(mean_distance):
    "The loss of five images"
    p,y = torch.tensor([0.9,0.1,0.3,0.6,0.8]),torch.tensor([1,0,1,0,1])
    want,d = mnist_loss(p.logit(), y),torch.where(y==1, 1-p, p)
    ask('mean_distance', mean_distance, "the five images", want, [
        ("That is the sum. The loss is the mean.", d.sum()),
        ("The two cases are swapped: this is the distance from the other label.", 1-want),
        ("That is the mean of the predictions. The labels haven't been looked at.", p.mean()),
        ("Each is taken as 1-p. That is for the 3s, label 1, only.", 1-p.mean()),
        ("That is the accuracy. The loss doesn't ask on which side a prediction is, but how far from its label.", ((p>0.5)==y).float().mean()),
        ("That is the share of wrong answers. The loss asks how far from its label each prediction is.", ((p>0.5)!=y).float().mean()),
        ("The differences have signs and cancel. A distance has none.", (y-p).mean()),
        ("The differences have signs and cancel. A distance has none.", (p-y).mean()),
        ("The distances are squared.", (d**2).mean()),
        ("The distances are squared, and there is a root.", (d**2).mean().sqrt()),
        ("That takes the sigmoid once more. The five numbers are sigmoids already.", mnist_loss(p, y)),
        ("That counts the wrong answers only. The right ones have a distance as well.", d[d>0.5].mean()),
        ("That counts the wrong answers only. The right ones have a distance as well.", d[d>0.5].sum()/5),
        ("The 7s are left out.", d[y==1].mean()), ("The 3s are left out.", d[y==0].mean()),
        ("That is the median. The loss is the mean.", d.median()),
        ("That is cross-entropy, with a logarithm. This loss has none.", F.binary_cross_entropy(p, y.float()))],
        "chapter 02, '`mnist_loss`, first attempt'")
    explain("`torch.where` takes 1-p for a 3 and p for a 7: how far is the prediction from its label? Then the mean. All right and sure gives 0, "
        "all wrong and sure gives 1, and every small change of a prediction shows in it.")

def check_sigmoid_facts(sigmoid_facts):
    "What the sigmoid does in `mnist_loss`"
    p,y = torch.tensor([[-30.],[100.]]),torch.ones(2, 1)
    choose('sigmoid_facts', sigmoid_facts, "the six statements about the sigmoid", [
        ('A', True, "What range do the scores of a linear model have, and which does the loss count on?"),
        ('B', False, "The sigmoid always rises, so it is still a weighted sum of the pixels, above a threshold or not, that decides between 3 and 7. "
            "More needs a non-linearity between two layers."),
        ('C', True, "Can a larger score have a smaller sigmoid? Look at the curve."),
        ('D', False, "Each score has its sigmoid by itself, whatever the others in the batch are. A sum of 1 is what softmax gives, for the classes of "
            "one image."),
        ('E', True, "What is it called that a unit applies to its weighted sum?"),
        ('F', False, "A sigmoid above 0.5 is a score above 0, so the same answers are right with it and without it.")],
        "chapter 02, '`sigmoid`', and chapter 05, 'Two layers'")
    explain(f"Without it, one very large score can pay for any mistake: the mean of 1-p for two 3s with scores -30 and 100 is {(y-p).mean():.0f}, "
        f"far below 0, and with the sigmoid it is {mnist_loss(p, y):.1f}. It squeezes and keeps the order, that's all. As the activation of a "
        "single unit it doesn't make the model any less linear.")

def check_slope_of(slope_of):
    "Change of a measure for each unit that all scores rise"
    def accuracy(preds, yb): return ((preds>0)==yb).double().mean()
    def squares(preds, yb): return ((preds-yb)**2).mean()
    def third(preds, yb): return -preds.sum()/3
    def trial(measure, preds, yb, h, want, show):
        def run(f):
            given = preds.clone()
            res = bind(f, measure=measure, preds=given, yb=yb.clone(), h=h)()
            if torch.allclose(given, preds, atol=1e-9): return read_number(res)
            return Problem("changed scores", "It changes `preds`, as `+=` does: the scores are needed as they were. Write `preds + h`.")
        return Trial(run, want, show, tol=1e-3)
    small = torch.tensor([[2.],[0.]]).double(),torch.tensor([[1],[0]])
    g = torch.Generator().manual_seed(0)
    preds,yb = torch.randn(100, 1, generator=g).double(),(torch.rand(100, 1, generator=g)<0.8).long()
    p = preds.clone().requires_grad_()
    mnist_loss(p, yb).backward()
    shown = "preds = tensor([[2.],[0.]]), yb = tensor([[1],[0]])"
    trials = [trial(squares, *small, 1e-4, 1., f"measure = ((preds-yb)**2).mean(), {shown}, h = 0.0001"),
        trial(third, *small, 0.1, -2/3, f"measure = -preds.sum()/3, {shown}, h = 0.1"),
        trial(mnist_loss, preds, yb, 1e-4, p.grad.sum(), "mnist_loss, 100 random scores with mixed labels, h = 0.0001"),
        trial(accuracy, preds, yb, 1e-6, 0., "accuracy, 100 random scores with mixed labels, h = 0.000001")]
    def both(change, by=None): return lambda measure,preds,yb,h: change((by or measure)(preds+h, yb), (by or measure)(preds-h, yb), h)
    def one(change, by=None): return lambda measure,preds,yb,h: change((by or measure)(preds+h, yb), (by or measure)(preds, yb), h)
    def fixed(by): return [(f"It always measures by {by.__name__}. Use the measure that it is given.", wrong) for wrong in
        (one(lambda up,here,h: (up-here)/h, by),both(lambda up,down,h: (up-down)/(2*h), by))]
    def autograd(measure, preds, yb, h):
        preds = preds.clone().requires_grad_()
        measure(preds, yb).backward()
        return preds.grad.sum()
    x,y = sample_xy('test')
    preds = (x@torch.randn(28*28, 1, generator=g)).double()
    a,l = (((m(preds+1e-4, y)-m(preds, y))/1e-4).item() for m in (accuracy,mnist_loss))
    judge('slope_of', slope_of, trials, [
        ("It gives 0 whatever the measure. Accuracy may not move, but others do.", one(lambda up,here,h: 0.)),
        ("The change isn't divided by h.", one(lambda up,here,h: up-here)),
        ("The change isn't divided by the way from one side to the other.", both(lambda up,down,h: up-down)),
        ("From preds-h to preds+h is a way of 2*h, and it is divided by h.", both(lambda up,down,h: (up-down)/h)),
        ("From preds to preds+h is a way of h, and it is divided by 2*h.", one(lambda up,here,h: (up-here)/(2*h))),
        ("The sign is wrong: it should be positive if the measure rises.", one(lambda up,here,h: (here-up)/h)),
        ("It multiplies by h where it should divide.", one(lambda up,here,h: (up-here)*h)),
        ("It loses the sign: a measure can fall as well.", one(lambda up,here,h: abs(up-here)/h)),
        ("That is the measure itself, after the step. How much has it changed?", one(lambda up,here,h: up)),
        ("That is the new measure divided by h. How much has it changed?", one(lambda up,here,h: up/h)),
        ("That is the share by which it changes. A difference is wanted.", one(lambda up,here,h: (up-here)/here/h)),
        ("It multiplies the scores, which moves large ones farther and leaves 0 where it is. Add h to each.",
            lambda measure,preds,yb,h: (measure(preds*(1+h), yb)-measure(preds, yb))/h),
        ("It moves the labels. Move the scores.", lambda measure,preds,yb,h: (measure(preds, yb+h)-measure(preds, yb))/h),
        *fixed(mnist_loss), *fixed(accuracy),
        ("`backward` finds no way through the comparison in accuracy, which has no derivative to offer. Measure twice, and compare.", autograd),
    ], "chapter 02, 'Both, over the same weight'")
    explain(f"On the {len(y):,} validation images, with random weights and h = 0.0001, the slope of accuracy is {a:.4f} and that of mnist_loss is "
        f"{l:.4f}. Accuracy moves only when a score crosses 0, so nearly everywhere its slope is 0, and no weight is told which way to go. That "
        "is why it can't be the loss. The loss notices every small change.")


# Learning

def check_loss_or_metric(loss_or_metric):
    "Which statements are about a loss, which about a metric"
    statements = [('L', "`backward` asks for slopes, and only one of the two has useful ones."),
        ('L', "Between the moments when an answer changes sides, one of the two stands still. That does no harm to a number that people read."),
        ('M', "A threshold makes a staircase of it, which is useless for finding a way down, and no obstacle for counting."),
        ('M', "A colleague wants a number that means something, such as the share of right answers."),
        ('L', "An optimizer goes down a slope, so it works on the one that has a slope."),
        ('M', "The weights are changed by the gradient of one of the two. The other is only looked at.")]
    def why(got):
        if len(got)!=6: return f"There are six statements, and this is {len(got)} letters."
        return next(f"Statement {i}. {text}" for i,((o,text),g) in enumerate(zip(statements, got), 1) if o!=g)
    ask('loss_or_metric', loss_or_metric, "the six statements", ''.join(o for o,_ in statements), why, "chapter 02, 'Why accuracy cannot be the loss'",
        partial(read_letters, allowed='LM', ordered=True, names=('LOSS','METRIC')), "six letters, L or M")
    explain("The loss is for the machine and has to point somewhere from wherever you stand. The metric is for people and has to mean something to "
        "them. Sometimes one number can serve as both; accuracy can't.")

def check_walk_down(walk_down):
    "Steps of gradient descent on (w-5)²"
    def steps(move):
        def walk(w, lr, n):
            for _ in range(n): w = move(w, lr)
            return w
        return walk
    right = steps(lambda w,lr: w - 2*(w-5)*lr)
    def accumulating(w, lr, n):
        grad = 0.
        for _ in range(n):
            grad += 2*(w-5)
            w -= grad*lr
        return w
    def trial(w, lr, n): return Trial(lambda f: read_number(bind(f, w=w, lr=lr, n=n)()), right(w, lr, n), f"{w = }, {lr = }, {n = }")
    judge('walk_down', walk_down, [trial(2., 0.1, 1), trial(2., 0.1, 2), trial(7., 0.3, 3), trial(-1., 0.02, 10), trial(4., 1.05, 5)], [
        ("It goes uphill: the sign of the step is wrong.", steps(lambda w,lr: w + 2*(w-5)*lr)),
        ("The gradient isn't multiplied by the learning rate.", steps(lambda w,lr: w - 2*(w-5))),
        ("It divides by the learning rate. It should multiply.", steps(lambda w,lr: w - 2*(w-5)/lr)),
        ("It goes by the learning rate alone. The gradient is missing.", steps(lambda w,lr: w - lr)),
        ("The gradient lacks the factor 2 that the derivative of a square has.", steps(lambda w,lr: w - (w-5)*lr)),
        ("It takes the loss for its gradient. How steep is it, not how high?", steps(lambda w,lr: w - (w-5)**2*lr)),
        ("That is the gradient of w². This valley has its bottom at 5.", steps(lambda w,lr: w - 2*w*lr)),
        ("The gradient is calculated once, at the start, and used for all steps. It changes with w.", lambda w,lr,n: w - n*2*(w-5)*lr),
        ("The gradients add up: `.grad` isn't cleared after a step.", accumulating),
        ("It takes one step, whatever n is: is the `return` inside of the loop?", lambda w,lr,n: right(w, lr, 1)),
        ("It takes one step too many.", lambda w,lr,n: right(w, lr, n+1)),
        ("It takes one step too few.", lambda w,lr,n: right(w, lr, n-1)),
        ("That is the loss where it arrives. The place, w, is asked for.", lambda w,lr,n: (right(w, lr, n)-5)**2),
        ("That is the gradient where it arrives. The place, w, is asked for.", lambda w,lr,n: 2*(right(w, lr, n)-5)),
        ("That is how far it has come. The place, w, is asked for.", lambda w,lr,n: right(w, lr, n)-w),
        ("It hasn't moved: the new value is not kept.", lambda w,lr,n: w),
    ], "chapter 03, 'One parameter: the parabola'")
    ends = ', '.join(f"{(right(2., lr, 10)-5)**2:.2g} at lr = {lr}" for lr in (0.02,0.3,1.05))
    explain(f"Ten steps from w = 2, where the loss is 9, lead to a loss of {ends}. Too small a learning rate takes for ever. With too large a one, "
        "each step goes over the bottom and lands higher on the other side.")

def check_order_of_steps(order_of_steps):
    "The seven steps of gradient descent"
    rules = [('C', 'E', "Predictions come from parameters, so there have to be some first."),
        ('E', 'B', "The loss compares predictions with labels, so the predictions come before it."),
        ('B', 'F', "The gradient is that of the loss, so the loss comes before it."),
        ('F', 'D', "A step goes against the gradient, so the gradient comes before it."),
        ('D', 'G', "A round ends with the step, and then it goes back."), ('G', 'A', "Stopping comes last, after all the rounds.")]
    letters = 'ABCDEFG'
    def why(got):
        odd = [o for o in letters if got.count(o)!=1]
        if odd: return f"Each letter comes once, and {odd[0]} {'is missing' if odd[0] not in got else 'comes more often'}."
        return next(text for first,then,text in rules if got.index(first) > got.index(then))
    ask('order_of_steps', order_of_steps, "the seven steps", ''.join(o for o,_,_ in rules) + rules[-1][1], why,
        "chapter 03, 'Three parameters: the roller coaster in seven steps'",
        partial(read_letters, allowed=letters, ordered=True), "seven letters in order")
    explain("Each step needs what the one before has made. Nothing in this list says what the model is or how large. So the same loop trains one "
        "parameter, 785, or millions.")

def check_without_zero_grad(without_zero_grad):
    "Where three steps lead if the gradients are never cleared"
    w,grads = torch.tensor(1., requires_grad=True),[0.4,-0.1,0.2]
    for g in grads:
        (w*g).backward()
        with torch.no_grad(): w -= 0.5*w.grad
    cleared = "That is right for a loop that clears the gradient after each step. This one adds each new gradient to those before."
    ask('without_zero_grad', without_zero_grad, "w = 1, lr = 0.5, three batches", w, [
        (cleared, 0.75), (f"{cleared} (And the learning rate is missing.)", 0.5),
        ("The learning rate is missing.", -0.2),
        ("It goes uphill: a step subtracts.", 1.6),
        ("It goes uphill, and without adding the gradients up. A step subtracts, and `backward` adds to what is there.", 1.25),
        ("That is only the last batch's step. The two before have moved w as well.", 0.9),
        ("That is how far w has moved. Where is it, having started at 1?", 0.6),
        ("That is how far w has moved. Where is it, having started at 1?", -0.6),
        ("These are the gradients of the three steps in sum. They still need the learning rate, and w starts at 1.", 1.2),
        ("The minus of the second gradient is lost.", 0.2),
        ("The last step is missing. There are three.", 0.65),
        ("That is w after a single step.", 0.8),
        ("That steps by the mean of the gradients so far. `backward` adds, it doesn't average.", 1 - 0.5*(0.4 + 0.15 + 0.5/3))],
        "chapter 03, '`calc_grad`, and gradients that add up'")
    explain("`backward` adds to `.grad`. So the steps find 0.4, then 0.4-0.1 = 0.3, then 0.3+0.2 = 0.5 there, and subtract half of each. The first "
        "batch has been counted three times. In training the steps tend to grow and grow, and no error is raised.")

def check_shuffled_batches(shuffled_batches):
    "A loader: batches of pairs, in a new random order at each pass"
    def batches(f, n, bs):
        i = torch.arange(n)
        res = bind(f, x=torch.stack([i,i+0.5], dim=1), y=10*i.unsqueeze(1), bs=bs)()
        if res is None: return
        res = list(res)
        for b in res:
            if not (isinstance(b, (tuple,list)) and len(b)==2 and all(isinstance(o, torch.Tensor) and o.dim()==2 for o in b)):
                return Problem(f"{len(res)} items, among them {short(b)}",
                    "Each item should be a batch: a pair (xb,yb) of tensors with a row for each image and label.")
        return res
    def trial(n, bs, question, look, want, passes=1):
        def run(f):
            found = [batches(f, n, bs) for _ in range(passes)]
            return look(*found) if all(isinstance(o, list) for o in found) else found[0]
        return Trial(run, want, f"{n} pairs in batches of {bs}{f', {passes} passes' if passes>1 else ''}: {question}")
    def order(p, of=0): return [b[of][:,0].int().tolist() for b in p]
    def sizes(p): return ' '.join(str(len(yb)) for _,yb in sorted(p, key=lambda b: -len(b[1])))
    def kind(p, of):
        parts = order(p, of)
        flat = sum(parts, [])
        if flat in (sorted(flat), sorted(flat)[::-1]): return 'as in the data' if flat==sorted(flat) else 'backwards'
        if {frozenset(o) for o in parts} != {frozenset(sorted(flat)[i:i+bs]) for i in range(0, n, bs)}: return 'shuffled'
        return 'whole batches shuffled' if all(o==sorted(o) for o in parts) else 'shuffled inside of batches'
    n,bs = 50,8
    trials = [trial(10, 3, "the sizes of the batches", sizes, '3 3 3 1'), trial(6, 3, "the sizes of the batches", sizes, '3 3'),
        trial(n, bs, "does each x still have its own y?", lambda p: all(torch.equal(yb.flatten(), xb[:,0].long()*10) for xb,yb in p), True),
        trial(n, bs, "does each x come exactly once?", lambda p: sorted(sum(order(p), []))==list(range(n)), True),
        trial(n, bs, "in which order are x and y?", lambda p: (kind(p, 0),kind(p, 1)), ('shuffled','shuffled')),
        trial(n, bs, "how many different orders?", lambda *ps: len({str(order(p)) for p in ps}), 5, 5)]
    def cut(x, y, bs): return list(zip(x.split(bs), y.split(bs)))
    def by(order): return lambda x,y,bs: cut(x[(i := order(len(x)))], y[i], bs)
    def right(x, y, bs): return by(torch.randperm)(x, y, bs)
    def in_turn(order): return [o for _,o in sorted(zip(torch.randperm(len(order)).tolist(), order), key=lambda o: o[0])]
    def inside(b): return [(xb[i],yb[i]) for xb,yb in b for i in [torch.randperm(len(xb))]]
    total,size = len(sample_xy('train')[0]),256
    judge('shuffled_batches', shuffled_batches, trials, [
        ("Nothing is shuffled: the batches come in the order of the data.", cut),
        ("x and y are shuffled separately, each in an order of its own. Use one order for both.",
            lambda x,y,bs: cut(x[torch.randperm(len(x))], y[torch.randperm(len(x))], bs)),
        ("Only x is shuffled, and y stays as it was.", lambda x,y,bs: cut(x[torch.randperm(len(x))], y, bs)),
        ("Only y is shuffled, and x stays as it was.", lambda x,y,bs: cut(x, y[torch.randperm(len(x))], bs)),
        ("Items are drawn with replacement: some come twice, and others never. A permutation has each once.", by(lambda n: torch.randint(n, (n,)))),
        ("It goes backwards, which is no random order.", by(lambda n: torch.arange(n).flip(0))),
        ("It is the same order at each pass: a seed is set inside of the function.",
            by(lambda n: torch.randperm(n, generator=torch.Generator().manual_seed(0)))),
        ("It cuts first, and then shuffles whole batches: the same items stay together in every pass.", lambda x,y,bs: in_turn(cut(x, y, bs))),
        ("It cuts first, and then shuffles inside of each batch: the same items stay together in every pass.", lambda x,y,bs: inside(cut(x, y, bs))),
        ("The last batch is left out if it isn't full.", lambda x,y,bs: [b for b in right(x, y, bs) if len(b[0])==bs]),
        ("There is an empty batch at the end if the last one is full.", lambda x,y,bs: right(x, y, bs) + [(x[:0],y[:0])]*(len(x)%bs==0)),
        ("It makes `bs` batches. `bs` is how many items are in each.", lambda x,y,bs: right(x, y, -(-len(x)//bs))),
        ("Each batch is drawn anew from all the data, so some items come twice, and others never.",
            lambda x,y,bs: [(x[i],y[i]) for o in cut(x, y, bs) for i in [torch.randperm(len(x))[:bs]]]),
        ("Each batch is drawn anew from all the data, so some items come twice, and others never.",
            lambda x,y,bs: [(x[i],y[i]) for o in cut(x, y, bs) for i in [torch.randint(len(x), (len(o[0]),))]]),
        ("There is only the first batch: is the `return` inside of the loop?", lambda x,y,bs: right(x, y, bs)[:1]),
        ("It returns one item at a time. A batch has `bs` of them.", lambda x,y,bs: right(x, y, 1)),
        ("It returns everything as a single batch.", lambda x,y,bs: right(x, y, len(x))),
        ("It returns everything as a single batch, and nothing is shuffled.", lambda x,y,bs: [(x,y)]),
        ("x and y are swapped in the batches: x first.", lambda x,y,bs: right(y, x, bs)),
    ], "chapter 03, 'Mini-batches and `DataLoader`'")
    explain("Each pass has a new order, everything comes once, and images keep their labels: that is what `DataLoader(..., shuffle=True)` does. "
        f"Our {total:,} training images in batches of {size} make {total//size} full batches and one of {total%size}, a step for each, and then the "
        "epoch is over.")

def check_batch_facts(batch_facts):
    "What mini-batches and shuffling are for"
    x,y = sample_xy('train')
    g = torch.Generator().manual_seed(42)
    w = torch.randn(28*28, 1, generator=g).requires_grad_()
    def gradient(i): return torch.autograd.grad(mnist_loss(x[i]@w, y[i]), w)[0].flatten()
    full = gradient(slice(None))
    fair,threes,sevens = (F.cosine_similarity(gradient(i), full, dim=0) for i in (torch.randperm(len(x), generator=g)[:256],slice(256),slice(-256, None)))
    choose('batch_facts', batch_facts, "the six statements about batches", [
        ('A', False, "fastai's and PyTorch's `DataLoader` keep the order of the data unless you ask for `shuffle=True`."),
        ('B', True, "What do you learn from a fair sample?"),
        ('C', True, "How many steps does one pass give if each looks at all the data?"),
        ('D', False, "It is the other way round. The mean over few images depends on which they are; the exact gradient looks at all."),
        ('E', False, "Accuracy over all the validation images is the same in any order, since no step is taken between them."),
        ('F', True, "In which order do our training images lie in memory, and what would the first batches consist of?")],
        "chapter 03, 'Mini-batches and `DataLoader`' and 'What shuffling does'")
    explain(f"Measured with random weights, as the cosine with the gradient of all {len(x):,} images (1 is the same direction): 256 images at random"
        f" {fair:.2f}, the first 256, all 3s, {threes:.2f}, the last 256, all 7s, {sevens:.2f}. A random handful shows nearly the right way for "
        "a fiftieth of the work. One that isn't random may not.")
