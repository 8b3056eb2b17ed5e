"Putting everything back: weights, gradients, modes, optimizers, loaders, random generators, what a function remembers"
import inspect,random,types
from contextlib import contextmanager
from copy import copy,deepcopy
from functools import partial

import numpy as np
import torch
from torch import nn

DEPTH,MOST = 4,1000 # So far it is followed what a function works with, through containers of at most so many things
EMPTY = types.CellType() # A closure's cell that nothing was put into yet
COUNTER = 16        # A tensor of at most so many numbers may be a count or a sum
LIBRARIES = ('torch','numpy','fastai','fastcore','builtins','collections','pathlib','functools')

def is_plain(o):
    "Is it an object of somebody's own class, with attributes?"
    if isinstance(o, (nn.Module,type,types.ModuleType,torch.Tensor)) or hasattr(o, 'dataset'): return False
    return hasattr(o, '__dict__') and not callable_code(o) and type(o).__module__.split('.')[0] not in LIBRARIES

def callable_code(o): return inspect.isfunction(o) or inspect.ismethod(o) or inspect.isbuiltin(o)

def is_own(f): return inspect.isfunction(f) and (f.__module__ or '').split('.')[0] not in LIBRARIES

def parts_of(o):
    "What a function closes over and the globals that it names, an object's attributes, a container's contents"
    if isinstance(o, partial): return [o.func,*o.args,*o.keywords.values()]
    if inspect.ismethod(o): return [o.__self__,o.__func__]
    if is_own(o):
        try: return [v for names in inspect.getclosurevars(o)[:2] for v in names.values()]
        except ValueError: return [] # an empty cell
    if isinstance(o, (list,tuple,set)) and len(o)<=MOST: return list(o)
    if isinstance(o, dict) and len(o)<=MOST: return list(o.values())
    return list(vars(o).values()) if is_plain(o) else []

def behind(roots):
    "What functions work with, each once"
    found,todo = {},[(o, DEPTH) for o in roots]
    while todo:
        o,depth = todo.pop()
        if id(o) in found or o is None: continue
        found[id(o)] = o
        if depth: todo += [(p, depth-1) for p in parts_of(o)]
    return list(found.values())

def generators(dl):
    "Random generators among the attributes of a loader and of its parts"
    parts = [dl, *(getattr(dl, n, None) for n in ('dataset','sampler','batch_sampler'))]
    parts.append(getattr(getattr(dl, 'batch_sampler', None), 'sampler', None))
    kinds = (random.Random,torch.Generator,np.random.Generator)
    found = [v for p in parts if hasattr(p, '__dict__') for v in vars(p).values() if isinstance(v, kinds)]
    return list({id(o): o for o in found}.values())

def state_of(g):
    "How to put a generator back to the state that it is in"
    if isinstance(g, random.Random): return partial(g.setstate, g.getstate())
    if isinstance(g, torch.Generator): return partial(g.set_state, g.get_state())
    return partial(setattr, g.bit_generator, 'state', g.bit_generator.state)

def keep_tensor(t):
    value,grad = t.detach().clone(),t.grad
    grad_value = None if grad is None else grad.clone()
    def put_back():
        with torch.no_grad(): t.copy_(value)
        t.grad = grad
        if grad is not None: grad.data.copy_(grad_value)
    return put_back

def keep_attributes(o):
    saved = dict(vars(o))
    def put_back():
        vars(o).clear()
        vars(o).update(saved)
    return put_back

def keep_contents(o):
    saved = copy(o)
    def put_back():
        if isinstance(o, list): o[:] = saved
        else:
            o.clear()
            o.update(saved)
    return put_back

def keep_names(f):
    "What a function closes over, and the numbers and tensors among the globals that it names: it may set them anew"
    cells = [(c, c.cell_contents) for c in f.__closure__ or () if c!=EMPTY]
    space = f.__globals__
    names = {n: space[n] for n in f.__code__.co_names if isinstance(space.get(n), (int,float,torch.Tensor))}
    def put_back():
        for c,v in cells: c.cell_contents = v
        space.update(names)
    return put_back

def keep_modes(m):
    training = m.training
    def put_back(): m.training = training
    return put_back

def tensors_of(s, found, modules):
    "Weights and buffers, and among what functions work with, tensors of a parameter's shape, and small ones"
    ts = [*(s.params or []),*s.leaves,*(t for m in modules for t in (*m.parameters(False),*m.buffers(False)))]
    shapes = {t.shape for t in ts}
    def is_theirs(o): return o.requires_grad or o.shape in shapes or o.numel()<=COUNTER
    ts += [o for o in found if isinstance(o, torch.Tensor) and is_theirs(o)]
    return [t for t in {id(o): o for o in ts}.values() if t.is_leaf]

def keep(s):
    "Remember a set-up's state; returns a function that puts it back"
    found = behind([s.model,s.loss_func,s.step,s.opt_func,*s.metrics])
    modules = [m for o in found if isinstance(o, nn.Module) for m in o.modules()]
    kept = [keep_modes(m) for m in modules]
    for o in found:
        if isinstance(o, (torch.optim.Optimizer,torch.optim.lr_scheduler.LRScheduler)):
            kept.append(partial(o.load_state_dict, deepcopy(o.state_dict())))
        elif is_own(o): kept.append(keep_names(o))
        elif isinstance(o, (list,dict,set)) and len(o)<=MOST: kept.append(keep_contents(o))
        elif is_plain(o): kept.append(keep_attributes(o))
    kept += [keep_tensor(t) for t in tensors_of(s, found, modules)]
    def put_back():
        for f in kept: f()
    return put_back

@contextmanager
def unchanged(s):
    "Put everything back at the end"
    dls = [o.dl for o in (s.train,s.valid) if o is not None]
    kept = [keep_attributes(o) for o in dls if hasattr(o, '__dict__')]
    kept += [state_of(g) for o in dls for g in generators(o)]
    kept += [partial(random.setstate, random.getstate()),partial(np.random.set_state, np.random.get_state())]
    put_back = keep(s)
    with torch.random.fork_rng():
        try: yield
        finally:
            put_back()
            for f in kept: f()

@contextmanager
def trial(s):
    "In training mode and without gradients; gives a function that puts the weights back. At the end all is as before."
    put_back = keep(s)
    start = [p.detach().clone() for p in s.leaves]
    def again():
        for p,v in zip(s.leaves, start):
            with torch.no_grad(): p.copy_(v)
            p.grad = None
    s.mode(True)
    again()
    try: yield again
    finally: put_back()
