"""A GPU that isn't there: within `gpu()`, tensors may be on 'cuda', and the CPU keeps and computes their numbers.

PyTorch's own `FakeTensorMode` gives tensors on 'cuda' on any machine as well, and is the judge of what may be mixed:
`test_devices.py` compares the two. But its tensors have no numbers, so whatever depends on one ends there: `.item()`,
`if loss < best`, a choice by a mask, fastai's schedules and all of `check_setup`. And without a GPU its tensors have
no `backward()`: PyTorch's engine asks CUDA for its streams ("hasPrimaryContext expects a valid device index", in 2.11
and 2.14). So `backward` walks through the graph itself, and lets each node compute.

What differs from a real GPU: random numbers come from the CPU's generator, and `torch.Generator('cuda')` can't be
made; hooks of gradients are not called; `p.data = t` can't bring `p` to the GPU; subclasses of tensors, such as
fastai's `TensorImage`, are plain tensors there; there are no streams, and no other precision than the CPU's."""
from contextlib import contextmanager

import pytest,torch
from torch.utils._python_dispatch import TorchDispatchMode

CPU,GPU = torch.device('cpu'),torch.device('cuda:0')

class OnGPU(torch.Tensor):
    "A tensor that says it is on 'cuda'; its numbers are in `inner`, a tensor on the CPU"
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, inner):
        with torch.inference_mode(False): # a view of what was made outside must be of its kind
            res = torch.Tensor._make_wrapper_subclass(cls, inner.size(), dtype=inner.dtype, device=GPU,
                strides=inner.stride(), storage_offset=inner.storage_offset())
        res.inner = inner
        return res

    def __repr__(self): return repr(self.inner)

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None): return run(func, args, kwargs or {})

class Everywhere(TorchDispatchMode):
    "For what makes or moves tensors as well"
    def __torch_dispatch__(self, func, types, args=(), kwargs=None): return run(func, args, kwargs or {})

def tensors_in(args):
    "The tensors among arguments, and in lists of them"
    lists = [o if isinstance(o, (list,tuple)) else [o] for o in args]
    return [o for l in lists for o in l if isinstance(o, torch.Tensor)]

def mapped(f, o):
    "`f` of each value in lists and tuples"
    return type(o)(mapped(f, v) for v in o) if type(o) in (list,tuple) else f(o)

MOVES = '_to_copy','copy_','_copy_from'
INDEXING = 'index','index_put','index_put_','_unsafe_index','_index_put_impl_'

def common_device(name, args, found):
    "Where the tensors of an operation are. Raises `RuntimeError` if that is in two places; numbers may be on the CPU."
    if name in INDEXING: # indices may be on the CPU
        (x,idxs),values = args[:2],args[2:]
        if any(o.device not in (CPU,x.device) for o in tensors_in(idxs)):
            raise RuntimeError(f"{name}: indices should be on cpu or on the device of the tensor, {x.device}")
        found = tensors_in((x,*values))
    devices = {o.device for o in found if o.dim() or o.device==GPU}
    if len(devices)>1:
        raise RuntimeError(f"{name}: Expected all tensors to be on the same device, but found cuda:0 and cpu")
    return devices.pop() if devices else CPU

def run(func, args, kwargs):
    "Do an operation on the CPU, and say that its results are where they would be"
    found,device = tensors_in((*args,*kwargs.values())),kwargs.get('device')
    known = {id(o.inner): o for o in found if isinstance(o, OnGPU)}
    if not known and (device is None or device.type!='cuda'): return func(*args, **kwargs)
    name = func._schema.name.partition('::')[2]
    if name not in MOVES: device = device or common_device(name, args, found)
    elif device is None: device = args[0].device
    if device==GPU and getattr(kwargs.get('generator'), 'device', GPU)==CPU:
        raise RuntimeError("Expected a 'cuda' device type for generator but found 'cpu'")
    def numbers(o):
        if isinstance(o, OnGPU): return o.inner
        return CPU if isinstance(o, torch.device) and o.type=='cuda' else o
    def placed(o):
        if id(o) in known: return known[id(o)] # changed in place
        return OnGPU(o) if isinstance(o, torch.Tensor) and device.type=='cuda' else o
    args,kwargs = mapped(numbers, tuple(args)),{k: mapped(numbers, v) for k,v in kwargs.items()}
    return mapped(placed, func(*args, **kwargs))


# Gradients

def nodes(root):
    "All nodes of the graph behind `root`, and how many others each hands a gradient to it"
    uses,todo = {root: 0},[root]
    while todo:
        for o,_ in todo.pop().next_functions:
            if o is None: continue
            if o not in uses: todo.append(o)
            uses[o] = uses.get(o, 0) + 1
    return uses

def fitted(grad, meta):
    "A gradient in the shape and type of its tensor, as the engine has it. Raises `RuntimeError` if it is elsewhere."
    if grad is None: return
    if grad.device!=meta.device:
        raise RuntimeError(f"the gradient is on device {grad.device}, its tensor on {meta.device}")
    return grad.sum_to_size(tuple(meta.shape)).to(meta.dtype)

@torch.no_grad()
def gradients(loss, grad=None):
    "Each leaf behind `loss`, and its gradient"
    uses = nodes(loss.grad_fn)
    found,todo = {o: {} for o in uses},[loss.grad_fn]
    found[loss.grad_fn][loss.output_nr] = torch.ones_like(loss) if grad is None else grad
    res = []
    while todo:
        node = todo.pop()
        grads = [fitted(found[node].get(i), o) for i,o in enumerate(node._input_metadata)]
        some = any(o is not None for o in grads)
        if hasattr(node, 'variable'):
            if some: res.append((node.variable,grads[0]))
            continue
        run_node = node if callable(node) else node.apply # one of `torch.autograd.Function`
        out = run_node(*grads) if some else None
        if not isinstance(out, tuple): out = (out,)*len(node.next_functions)
        for (o,i),g in zip(node.next_functions, out):
            if o is None: continue
            if g is not None: found[o][i] = found[o][i]+g if i in found[o] else g
            uses[o] -= 1
            if not uses[o]: todo.append(o)
    return res

def on_gpu(root): return root is not None and any(m.device==GPU for o in nodes(root) for m in o._input_metadata)

plain_backward,plain_grad = torch.Tensor.backward,torch.autograd.grad

def backward(loss, gradient=None, *args, **kwargs):
    "`Tensor.backward`"
    if not on_gpu(loss.grad_fn): return plain_backward(loss, gradient, *args, **kwargs)
    if gradient is None and loss.numel()!=1: raise RuntimeError("grad can be created only for scalar outputs")
    for p,g in gradients(loss, gradient): p.grad = g.clone() if p.grad is None else p.grad+g

def grad(outputs, inputs, grad_outputs=None, *args, **kwargs):
    "`torch.autograd.grad` of one output"
    output = outputs[0] if isinstance(outputs, (tuple,list)) else outputs
    if not on_gpu(output.grad_fn): return plain_grad(outputs, inputs, grad_outputs, *args, **kwargs)
    found = {id(p): g for p,g in gradients(output, grad_outputs)}
    return tuple(found.get(id(p)) for p in (inputs if isinstance(inputs, (tuple,list)) else [inputs]))


# What `torch.cuda` answers
CUDA = dict(is_available=True, device_count=1, current_device=0, is_bf16_supported=True,
    is_current_stream_capturing=False, synchronize=None, _lazy_init=None, manual_seed=None, manual_seed_all=None,
    get_rng_state=None, set_rng_state=None)

@contextmanager
def gpu():
    "Within, there is a GPU"
    torch._C._ensureCUDADeviceGuardSet() # as `FakeTensorMode` does
    before = torch._C._only_lift_cpu_tensors()
    plain_tolist,plain_as_subclass = torch.Tensor.tolist,torch.Tensor.as_subclass
    with pytest.MonkeyPatch.context() as m:
        for k,v in CUDA.items():
            m.setattr(torch.cuda, k, lambda *args, v=v, **kwargs: v)
        m.setattr(torch.__future__, 'get_swap_module_params_on_conversion', lambda: True)
        m.setattr(torch.autograd, 'grad', grad)
        m.setattr(torch.Tensor, 'backward', backward)
        m.setattr(torch.Tensor, 'tolist', lambda self: plain_tolist(self.cpu()))
        m.setattr(torch.Tensor, 'as_subclass', lambda t, cls: t if isinstance(t, OnGPU) else plain_as_subclass(t, cls))
        torch._C._set_only_lift_cpu_tensors(True)
        try:
            with Everywhere(), torch.backends.cudnn.flags(enabled=False): yield
        finally: torch._C._set_only_lift_cpu_tensors(before)
