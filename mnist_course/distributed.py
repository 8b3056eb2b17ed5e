"The ten-digit network trained by several processes, each of which has its part of every batch. Started by torchrun or `accelerate launch`, or plainly as one"
import os,sys,time
from argparse import ArgumentTypeError
from copy import copy
from typing import Annotated

import torch
from fastcore.basics import chunked
from fastcore.script import anno_parser
try: import accelerate
except ImportError as e: raise ImportError("mnist_course.distributed needs accelerate: pip install accelerate safetensors") from e
from fastai.distributed import DistributedDL
from fastai.torch_core import num_distrib,rank_distrib

__all__ = ['SplitDL','train']

class SplitDL(DistributedDL):
    "The part of one process in each batch of `dl`: the parts are equal, nothing is repeated, and all of them together are the batches of one process"
    def __init__(self,
        dl, # The loader to be split, such as a `TensorDataLoader`; its `bs` is that of all processes together
        rank:int=None, # The number of this process, from 0; default: as its launcher says
        world_size:int=None, # How many processes there are; default: as their launcher says, and 1 without one
        device=None, # Where the batches are to be; default: as in `dl`
    ):
        "Raises `ValueError` if a batch can't be split evenly, or if `dl` doesn't know how many items it has"
        super().__init__(dl, rank, world_size or num_distrib() or 1, device)
        self.n = self.dl.n
        if not self.n or not self.bs: raise ValueError(f"the loader has n={self.n} items in batches of bs={self.bs}: to split its batches, both must be known, and not 0")
        self._check(self.n)

    def _check(self, n):
        "Raise `ValueError` unless batches from `n` items can be split evenly"
        last = 0 if self.drop_last else n%self.bs
        for what,size,cure in (('a batch',self.bs,f'Take a bs that is a multiple of {self.world_size}'), ('the last batch',last,'Take drop_last=True, or another bs')):
            if size%self.world_size: raise ValueError(f"{what} has {size} item{'s'*(size!=1)}, which can't be split evenly among {self.world_size} processes, "
                f"and the mean of the gradients of uneven parts is not the gradient of the batch. {cure}.")

    def __len__(self): return len(self.dl)
    n_inp = property(lambda self: self.dl.n_inp)

    def new(self, *args, **kwargs): return type(self)(self.dl.new(*args, **kwargs), self.rank, self.world_size)

    def get_idxs(self):
        "The items of all processes, in the order of process 0"
        idxs = list(self.dl.get_idxs())
        self._check(len(idxs))
        return self._broadcast(idxs, 0)

    def _broadcast(self, idxs, rank):
        if not torch.distributed.is_initialized():
            if num_distrib() > 1: raise RuntimeError("the processes have no group yet, so they can't agree on an order: use the loader inside learn.distrib_ctx()")
            return idxs
        idxs = torch.tensor(idxs, device='cpu' if 'gloo' in torch.distributed.get_backend() else 'cuda') # nccl takes only tensors on a GPU
        torch.distributed.broadcast(idxs, rank)
        return idxs.tolist()

    def create_batches(self, idxs):
        "Take this process's part out of the numbers of each batch, and let `dl` make smaller batches of these"
        own = [i for b in chunked(idxs, self.bs, self.drop_last) for i in b[self.rank*len(b)//self.world_size:(self.rank+1)*len(b)//self.world_size]]
        local = copy(self.dl)
        local.bs = self.bs//self.world_size
        return local.create_batches(own)

    def to_detach(self, b, cpu=True, gather=True): return self._to_detach(b, cpu, gather) # no padding to be cut off

def whole_number(s):
    "Parse a whole number from 1"
    if not (s.isdecimal() and int(s) > 0): raise ArgumentTypeError(f"{s!r} must be a whole number from 1")
    return int(s)

def train(
    epochs:Annotated[whole_number,dict(metavar='N')]=3, # Passes through the training images
    bs:Annotated[whole_number,dict(metavar='N')]=256, # Images in a batch, of all processes together
    lr:float=0.01, # Highest learning rate of the one-cycle schedule
    seed:Annotated[int,dict(metavar='N')]=42, # Seed of the first parameters and of the batches
    images:Annotated[whole_number,dict(metavar='N')]=60_000, # Train on so many images, the first ones
    device:Annotated[str,dict(choices=('cpu','cuda'))]='cpu', # On the CPU (by gloo), or each process on a GPU of its own (by nccl)
    threads:Annotated[whole_number,dict(metavar='N')]=1, # Cores that each process uses; together they should not be more than there are
    save:Annotated[str,dict(metavar='FILE')]=None, # Save the parameters here, as safetensors
)->tuple: # Accuracy on the test images; seconds of training, without those of its set-up; the `Learner`
    "Train chapter 07's network with 100 hidden units on MNIST, in as many processes as the launcher started, and print one line. Raises `ValueError` if the batches can't be split evenly."
    from fastai.callback.core import Callback
    from fastai.callback.schedule import Learner # with `fit_one_cycle`
    from fastai.data.core import DataLoaders
    from fastai.torch_core import set_seed
    from mnist_course.cross_entropy import accuracy,cross_entropy
    from mnist_course.learner import get_dls,simple_net
    from mnist_course.ten_digits import mnist_xy
    torch.set_num_threads(threads)
    set_seed(seed)
    if device=='cuda': # each process has a GPU of its own
        device = torch.device('cuda', int(os.environ.get('LOCAL_RANK', 0)))
        torch.cuda.set_device(device)
    model = simple_net(100, 10).to(device)
    dls = get_dls([o[:images] for o in mnist_xy('train')], mnist_xy('test'), bs=bs, device=device)
    dls = DataLoaders(*map(SplitDL, dls))
    learn = Learner(dls, model, cross_entropy, metrics=accuracy)
    with learn.distrib_ctx(cpu=torch.device(device).type=='cpu'),learn.no_bar(),learn.no_logging():
        times = [time.perf_counter()]
        def note_time(self): times.append(time.perf_counter())
        learn.fit_one_cycle(epochs, lr, cbs=Callback(before_epoch=note_time, after_epoch=note_time))
        setup,seconds = times[1]-times[0],times[-1]-times[1]
    acc = learn.recorder.values[-1][-1]
    if rank_distrib()==0:
        print(f'processes {num_distrib() or 1}, accuracy {acc:.4f}, setup {setup:.2f}, seconds {seconds:.2f}', flush=True)
        if save:
            from safetensors.torch import save_file
            save_file({k: v.cpu().contiguous() for k,v in learn.model.state_dict().items()}, save)
    return acc,seconds,learn

def main():
    "Read the command line; a wrong argument exits with 2 and one line"
    parser = anno_parser(train, prog='mnist_course.distributed')
    def error(msg):
        print(f'mnist_course.distributed: {msg}', file=sys.stderr) # each process says it: the first to exit makes the launcher end the others
        sys.exit(2)
    parser.error = error
    args = parser.parse_args()
    gpus = torch.cuda.device_count()
    if args.device=='cuda' and gpus <= int(os.environ.get('LOCAL_RANK', 0)): error(f'argument --device: each process needs a GPU of its own, and this machine has {gpus}')
    if 'MASTER_ADDR' in os.environ and 'RANK' not in os.environ:
        error('the launcher set MASTER_ADDR but started a single process, as `accelerate launch --cpu` does for any --num_processes: '
            'take torchrun, or accelerate launch --multi_gpu, which starts them on CPUs too')
    try: train(args.epochs, args.bs, args.lr, args.seed, args.images, args.device, args.threads, args.save)
    except ValueError as e: error(str(e))
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
        sys.stderr.flush()
        os._exit(0) # gloo's threads outlive the group, and now and then one of them crashes while Python cleans up (pytorch issue 190489)

if __name__=='__main__': main()
