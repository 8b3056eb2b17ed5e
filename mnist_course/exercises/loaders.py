"Epochs of a loader, and what is wrong with them: items, labels, sizes and order of the batches"
# A loader has many right answers, so it is asked questions. What several of them find is named together, but for what
# follows from something else: pairs that are torn apart leave no order to speak of.
from dataclasses import dataclass
from functools import partial

import torch

from .core import Problem,Trial,short
from .causes import NOTHING,together

MANY = 20 # With fewer items, a random order may look like none

@dataclass
class Epoch:
    "What an epoch yielded, batch by batch"
    batches:list # The numbers of the items in each batch
    labels:list  # A tensor of labels for each batch

    @property
    def items(self): return [i for b in self.batches for i in b]

def is_pair(v): return isinstance(v, (tuple,list)) and len(v)==2
def are_tensors(v): return is_pair(v) and all(isinstance(o, torch.Tensor) for o in v)

def form_problem(b, x, y):
    "What keeps a batch from being a pair `(xb,yb)`, or None"
    wanted = "pairs of tensors, (xb,yb)"
    if not are_tensors(b): return Problem(short(b), f"It yields something else than {wanted}.", wanted=wanted)
    xb,yb = b
    say = partial(Problem, f"{tuple(xb.shape)} and {tuple(yb.shape)}", wanted=wanted)
    if xb.dim()<x.dim(): return say("It yields single items: an epoch is cut into batches.")
    if (xb.shape[1:],yb.shape[1:])==(y.shape[1:],x.shape[1:]):
        return say("x and y are swapped in the batches: x comes first, then y.")
    if xb.shape==yb.shape: return say("x is paired with x.")
    if len(xb)!=len(yb): return say("x and y are cut into different pieces.")
    if yb.shape[1:]!=y.shape[1:]: return say("The labels lose their shape on the way.")

def epoch_of(dl, x, y):
    "One `Epoch` of a loader of the items `x`, whose first numbers all differ, and their labels `y`; or a `Problem`"
    if dl is None: return Problem("None", NOTHING, wanted="something that yields batches")
    numbers,res = {v: i for i,v in enumerate(x[:,0].tolist())},Epoch([], [])
    for b in dl:
        if problem := form_problem(b, x, y): return problem
        res.batches.append([numbers.get(v) for v in b[0][:,0].tolist()])
        res.labels.append(b[1])
        if None in res.batches[-1]:
            return Problem("items that it wasn't given", "It changes the items on the way.", wanted="x as it is")
        if len(res.batches)>len(x)+1: return Problem("batch after batch", "An epoch doesn't end.", wanted="an end")
    return res

def items_problem(epoch, n):
    "Does an item come twice?"
    items = epoch.items
    if not items: return Problem("nothing", "It yields nothing.", wanted=f"{n} items")
    say = partial(Problem, f"{len(items)-len(set(items))} items again", wanted="each item once in an epoch")
    if any(len(o)!=len(set(o)) for o in epoch.batches):
        return say("Items are drawn with replacement, as randint does: some come twice, and others never. "
            "randperm has each once.")
    if len(items)!=len(set(items)):
        return say("Each batch is drawn anew from all the data, or batches overlap: some items come twice, and others "
            "never. Mix all the items once an epoch, and cut that into batches.")

def sizes_problem(epoch, n, bs):
    "Are the batches as large as they should be?"
    sizes,want = [len(o) for o in epoch.batches],[min(bs, n-i) for i in range(0, n, bs)]
    if sorted(sizes, reverse=True)==want: return # in which order they come is another question
    found = { # the first that is so
        "There is an empty batch, at the end if the last one is full.": 0 in sizes,
        "The last batch, which is smaller, is left out.": sizes==want[:-1] and want[-1]<bs,
        "There is only the first batch: is the `return` inside of the loop?": sizes==want[:1],
        "It returns everything as a single batch: bs isn't used.": sizes==[n],
        "It yields one item at a time. A batch has `bs` of them.": sizes==[1]*n,
        "Some items are left out.": sum(sizes)<n,
        "It makes `bs` batches, as chunk does. `bs` is how many items are in each.": len(sizes)==bs,
        "The batches have the wrong sizes: bs items each, and the rest in the last one.": True}
    cause = next(text for text,so in found.items() if so)
    return Problem(f"batches of {short(sizes)} items", cause, wanted=f"batches of {short(want)} items")

def pairs_problem(epoch, y):
    "Does each item still have its own label?"
    if all((yb==y[o]).all() for o,yb in zip(epoch.batches, epoch.labels)): return
    say = partial(Problem, "labels that aren't those of the items", wanted="each item with its own label")
    labels,items = torch.cat(epoch.labels),epoch.items
    if torch.equal(labels, y[:len(labels)].to(labels)):
        return say("Only x is shuffled, and y stays as it was: pairs are torn apart.")
    if items==sorted(items): return say("Only y is shuffled, and x stays as it was: pairs are torn apart.")
    return say("x and y come in different orders, so that pairs are torn apart. Use one order for both.")

def order_problem(epoch, n, bs):
    "Are the items mixed, rather than only the batches or what is in each?"
    items,parts = epoch.items,[o for o in epoch.batches if len(o)>1]
    say = partial(Problem, f"the items {short(items)}", wanted="a mixed order")
    if n<=bs or n<MANY: return # a single batch needn't be mixed
    if items==sorted(items): return say("Nothing is shuffled: the items come in the order of the data.")
    if items==sorted(items, reverse=True): return say("It goes backwards, which is no random order.")
    if len(epoch.batches)>1 and parts and all(max(o)-min(o)==len(o)-1 for o in parts):
        how = "whole batches" if all(o==sorted(o) for o in parts) else "inside of each batch"
        return say(f"It cuts first, and then shuffles {how}: neighbours stay together in every epoch. "
            "Mix the items, then cut.")
    sizes = [len(o) for o in epoch.batches]
    if sizes!=sorted(sizes, reverse=True): return Problem(f"batches of {short(sizes)} items",
        "The smaller batch comes too early: the rest belongs in the last one.", wanted="the smaller batch at the end")

def second_problem(first, second, n, bs):
    "Is a second epoch one, and in another order?"
    if isinstance(second, Problem): return second
    if not second.items:
        return Problem("nothing in the second epoch", "It runs dry after one epoch: make the order anew in __iter__.",
            wanted=f"{n} items again")
    if n>bs and n>=MANY and first.items==second.items:
        return Problem(f"the same order in both epochs, {short(first.items)}",
            "It is shuffled once, and then never again, or a seed is set: mix anew for each epoch.", wanted="another")

def all_of(*problems):
    "Several problems as one: what the first has seen, and the causes of all; or None"
    found = [o for o in problems if o]
    if found: return Problem(found[0].what, together([o.cause for o in found]), wanted=found[0].wanted)

def loader_problem(
    epoch, # Called without arguments for each of two epochs; returns what yields its batches
    x, # All the items, (n,k), numbers that differ in the first column
    y, # Their labels, (n,1)
    bs, # Size of the batches
    shuffled=True, # Should the items come in a new random order each time?
): # A `Problem`, or None
    "What is wrong with a loader"
    first,n = epoch_of(epoch(), x, y),len(x)
    if isinstance(first, Problem): return first
    size = items_problem(first, n) or sizes_problem(first, n, bs)
    order = pairs_problem(first, y)
    if shuffled and first.items and not order:
        order = order_problem(first, n, bs) or second_problem(first, epoch_of(epoch(), x, y), n, bs)
    return all_of(size, order)

def loader_trial(make, x, y, bs, show, shuffled=True):
    "A trial of what makes a loader: `make(f)` returns a function that begins an epoch"
    want = "every item once, in batches" + (" and a new random order each time" if shuffled else "")
    return Trial(lambda f: loader_problem(make(f), x, y, bs, shuffled) or want, want, show)
