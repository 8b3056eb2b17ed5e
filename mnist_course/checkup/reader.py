"Reading a loader, in its own order or at random places"
import torch
from .probes import plain,some
from .report import Fault

MOST_ITEMS,MOST_BYTES = 100_000,2**28 # So much is read of a loader that has to be read in its order
CHUNK = 1000                          # So many items are taken at a time where many are looked at
SAMPLE,SLOW_SAMPLE = 2000,512         # So many items are looked at, fewer where each has to be loaded

def length(o):
    "How long it is, None if it doesn't say"
    try: return len(o)
    except (TypeError,NotImplementedError): return None

def split(dls):
    "Training and validation loader, None for one that isn't there"
    if hasattr(dls, 'train'):
        try: return dls.train,dls.valid
        except (AttributeError,IndexError): return dls.train,None
    if not isinstance(dls, (tuple,list)) or len(dls)!=2: return dls,None
    if any(isinstance(o, torch.Tensor) for o in dls): return dls,None
    def is_batch(o): return isinstance(o, (tuple,list)) and len(o)==2 and isinstance(o[0], torch.Tensor)
    return (dls,None) if all(map(is_batch, dls)) else tuple(dls)

def sampled(dl):
    "The numbers of the items that a loader draws from, of those of its data set; None for all"
    sampler = getattr(getattr(dl, 'batch_sampler', None), 'sampler', None)
    return getattr(sampler, 'indices', None)

def can_index(dl):
    "Can single items be taken out of its data set, and made a batch as it does?"
    ds = getattr(dl, 'dataset', None)
    if not hasattr(ds, '__getitem__') or length(ds) is None: return False
    makes_batches = callable(getattr(dl, 'do_batch', getattr(dl, 'collate_fn', None)))
    return makes_batches and getattr(dl, 'batch_sampler', True) is not None

def is_item(x, y):
    "Is this one item rather than a batch?"
    if y.numel()==1: return y.dim()==0 or x.dim()<=1 or len(x)>1
    return x.dim()==1 and y.dim()<=1 and len(x)!=len(y)

class Reader:
    "Reads a loader in its own order, or at random places; gives plain tensors, as fastai's `Learner` does"
    def __init__(self, dl, device=None):
        self.dl,self.device,self.samples = dl,device,{}
        self.indexed,self.idxs,ds = can_index(dl),sampled(dl),getattr(dl, 'dataset', None)
        self.n = len(ds if self.idxs is None else self.idxs) if self.indexed else None
        self.in_memory = not self.indexed or isinstance(ds, (list,tuple,torch.utils.data.TensorDataset))

    def placed(self, b):
        "A batch as plain tensors on the model's device"
        b = tuple(plain(torch.as_tensor(o)) for o in b)
        return b if self.device is None else tuple(o.to(self.device) for o in b)

    def stream(self):
        "Its batches, one after the other"
        for b in self.dl:
            if not isinstance(b, (tuple,list)) or len(b)!=2:
                size = f" of {len(b)}" if hasattr(b, '__len__') else ''
                raise Fault(f"A batch must be a pair (xb,yb), and this loader yields {type(b).__name__}s{size}.")
            yield self.placed(b)

    def upto(self, n_items):
        "Its first batches, until they held `n_items`, or very much"
        n = n_bytes = 0
        for x,y in self.stream():
            yield x,y
            n += 1 if is_item(x, y) else len(y)
            n_bytes += x.nbytes
            if n>=n_items or n_bytes>MOST_BYTES: return

    def batches(self, n_items): return list(self.upto(n_items))

    def items(self, idxs):
        "The items with these numbers, as one batch, through the loader's own pipeline"
        if self.idxs is not None: idxs = [self.idxs[i] for i in idxs]
        items = [self.dl.do_item(i) if hasattr(self.dl, 'do_item') else self.dl.dataset[i] for i in idxs]
        if not hasattr(self.dl, 'do_batch'): return self.placed(self.dl.collate_fn(items))
        b = self.dl.do_batch(items) # fastai
        if self.dl.device is not None: b = tuple(o.to(self.dl.device) for o in b)
        return self.placed(self.dl.after_batch(b))

    def rows(self):
        "All batches that are read at most, single items as batches of one"
        for x,y in self.upto(MOST_ITEMS): yield (x[None],y[None]) if is_item(x, y) else (x,y)

    def chunks(self, n):
        "Inputs of `n` random items, or all that are read of a loader that has to be read in its order, some at a time"
        if not self.indexed: yield from (x for x,_ in self.rows())
        else:
            idxs = some(self.n, n)
            for i in range(0, len(idxs), CHUNK): yield self.items(idxs[i:i+CHUNK])[0]

    def sample(self):
        "Random items, as one batch"
        n = SAMPLE if self.in_memory else SLOW_SAMPLE
        if n not in self.samples: self.samples[n] = self.items(some(self.n, n)) if self.indexed else self.walk(n)
        return self.samples[n]

    def walk(self, n):
        "A random sample of a loader that has to be read in its order: each item draws a number, and the smallest stay"
        g,kept,n_kept,bound = torch.Generator().manual_seed(0),[],0,1.
        def smallest():
            x,y,key = (torch.cat(o) for o in zip(*kept))
            i = key.argsort()[:n]
            return x[i],y[i],key[i]
        for x,y in self.rows():
            key = torch.rand(len(y), generator=g)
            low = (key<bound).nonzero()[:,0]
            kept.append((x[low],y[low],key[low]))
            n_kept += len(low)
            if n_kept > 2*n:
                kept,n_kept = [smallest()],n
                bound = kept[0][2][-1].item()
        return smallest()[:2]

    def count(self):
        "How many items it has, roughly; None if it doesn't say"
        n = length(self.dl)
        if self.n is not None or n is None: return self.n
        first = self.batches(1)
        return n*len(first[0][1]) if first and not is_item(*first[0]) else n
