# right: as_rows
def as_rows(x): return x.float().div(255).flatten(1)
# right: as_rows
def as_rows(pics):
    return torch.stack([tensor(p, dtype=torch.float32).reshape(784)/255. for p in pics])
# right: as_rows
def as_rows(images):
    res = images.reshape(-1, 28*28).to(torch.float32)
    res *= 1/255
    return res
# wrong: as_rows | divide by 255
def as_rows(images): return images.view(-1, 28*28).float()
# wrong: as_rows | by 255 twice
def as_rows(images):
    images = images.float()/255
    images = images.view(-1, 28*28)
    return images/255.
# wrong: as_rows | largest pixel
def as_rows(images): return images.view(-1, 784).float()/images.max()
# wrong: as_rows | flatten is missing
def as_rows(images): return images.float()/255
# wrong: as_rows | single row
def as_rows(images): return images.float().div(255).flatten()
# wrong: as_rows | exchanged
def as_rows(images): return images.view(28*28, -1).float()/255
# wrong: as_rows | whole numbers (uint8)
def as_rows(images): return images.view(-1, 28*28)
# wrong: as_rows | // leaves
def as_rows(images): return images.view(-1, 28*28).float()//255
# wrong: as_rows | in place
def as_rows(images):
    images /= 255
    return images.view(-1, 784)
# wrong: as_rows | never turned into a tensor
def as_rows(images):
    from fastai.vision.core import PILImage
    return [PILImage.create(o.numpy()) for o in images]
# wrong: as_rows | never turned into a tensor
def as_rows(images): return (images.numpy()/255).reshape(-1, 784)
# wrong: as_rows | 64 bits
def as_rows(images): return images.double().view(-1, 784)/255
# wrong: as_rows | turned inside out
def as_rows(images): return ((255-images).float()/255).view(-1, 784)
# wrong: as_rows | `return`
def as_rows(images): images.view(-1, 28*28).float()/255
# wrong: as_rows | never ends
def as_rows(images):
    i,rows = 0,[]
    while i < len(images): rows.append(images[i].view(-1).float()/255)
    return torch.stack(rows)
# wrong: as_rows | still to do
def as_rows(images): raise NotImplementedError()
# wrong: as_rows | `images`, which another cell
x = images.view(-1, 784).float()/255
def as_rows(imgs): return images.view(-1, 784).float()/255

# right: as_labels
def as_labels(digits): return (digits==3).float()[:,None]
# right: as_labels
def as_labels(y): return tensor([[1.] if d==3 else [0.] for d in y])
# right: as_labels
def as_labels(t): return ((7-t)/4).view(-1, 1)
# right: as_labels
def as_labels(digits): return torch.where(digits==3, 1., 0.).reshape(len(digits), 1)
# wrong: as_labels | integer
def as_labels(digits): return tensor([1 if d==3 else 0 for d in digits]).unsqueeze(1)
# wrong: as_labels | integer targets
def as_labels(digits): return (digits==3).long().unsqueeze(1)
# wrong: as_labels | unsqueeze(1) missing
def as_labels(digits): return (digits==3).float()
# wrong: as_labels | one row
def as_labels(digits): return (digits==3).float().unsqueeze(0)
# wrong: as_labels | wrong way round
def as_labels(digits): return (digits==7).float().unsqueeze(1)
# wrong: as_labels | digits themselves
def as_labels(digits): return digits.float().unsqueeze(1)
# wrong: as_labels | True and False
def as_labels(digits): return (digits==3)[:,None]
# wrong: as_labels | puts them first
def as_labels(digits):
    n3,n7 = (digits==3).sum(),(digits==7).sum()
    return tensor([1]*n3 + [0]*n7).unsqueeze(1)
# wrong: as_labels | puts them first
def as_labels(digits): return torch.cat([torch.ones((digits==3).sum(), 1), torch.zeros((digits==7).sum(), 1)])
# wrong: as_labels | one-hot
def as_labels(digits): return F.one_hot((digits==7).long(), 2).float()
# wrong: as_labels | in place
def as_labels(digits):
    digits[digits==7] = 0
    digits[digits==3] = 1
    return digits.float().view(-1, 1)
# wrong: as_labels | never turned into a tensor
def as_labels(digits): return [1. if d==3 else 0. for d in digits]
# wrong: as_labels | returns nothing
def as_labels(digits):
    y = (digits==3).float()
    y.unsqueeze_(1)
# wrong: as_labels | (n,)
def as_labels(digits):
    y = (digits==3).float()
    y.unsqueeze(1)
    return y

# right: two_layer_net
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.layer1 = nn.Linear(28*28, n_hidden)
        self.layer2 = nn.Linear(n_hidden, 1)
    def forward(self, x):
        x = F.relu(self.layer1(x))
        return self.layer2(x)
# wrong: two_layer_net | is imported
from mnist_course.learner import simple_net
two_layer_net = simple_net
# right: two_layer_net
class ByHand(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.w1,self.b1 = nn.Parameter(torch.randn(784, n)*784**-0.5),nn.Parameter(torch.zeros(n))
        self.w2,self.b2 = nn.Parameter(torch.randn(n, 1)*n**-0.5),nn.Parameter(torch.tensor(0.))
    def forward(self, xb): return (xb@self.w1+self.b1).clamp(min=0)@self.w2 + self.b2
def two_layer_net(hidden_units): return ByHand(hidden_units)
# right: two_layer_net
def two_layer_net(n_hidden=50):
    layers = [nn.Flatten(), nn.LazyLinear(n_hidden), nn.ReLU(), nn.Linear(n_hidden, 1)]
    return nn.Sequential(*layers)
# right: two_layer_net
class Net(Module):
    def __init__(self, n_hidden): self.layers = nn.ModuleList([nn.Linear(784, n_hidden), nn.Linear(n_hidden, 1)])
    def forward(self, xb):
        a,b = self.layers
        return b(torch.max(a(xb), tensor(0.)))
two_layer_net = Net
# wrong: two_layer_net | n_hidden isn't used
class TwoLayerNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = nn.Linear(28*28, 50)
        self.layer2 = nn.Linear(50, 1)
    def forward(self, x):
        x = F.relu(self.layer1(x))
        x = self.layer2(x)
        return x
two_layer_net = TwoLayerNet
# wrong: two_layer_net | no ReLU
def two_layer_net(n_hidden=30): return nn.Sequential(nn.Linear(784, n_hidden), nn.Linear(n_hidden, 1))
# wrong: two_layer_net | result isn't used
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.l1,self.l2,self.act = nn.Linear(784, n_hidden),nn.Linear(n_hidden, 1),nn.ReLU()
    def forward(self, x):
        x = self.l1(x)
        self.act(x)
        return self.l2(x)
# wrong: two_layer_net | plain list
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.layers = [nn.Linear(784, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 1)]
    def forward(self, x):
        for l in self.layers: x = l(x)
        return x
# wrong: two_layer_net | made anew in forward
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.n_hidden = n_hidden
    def forward(self, x): return nn.Linear(self.n_hidden, 1)(F.relu(nn.Linear(784, self.n_hidden)(x)))
# wrong: two_layer_net | no nn.Parameter
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.w1,self.b1 = torch.randn(784, n_hidden).requires_grad_(),torch.zeros(n_hidden).requires_grad_()
        self.w2,self.b2 = torch.randn(n_hidden, 1).requires_grad_(),torch.zeros(1).requires_grad_()
    def forward(self, x): return F.relu(x@self.w1+self.b1)@self.w2 + self.b2
# wrong: two_layer_net | sigmoid after the last layer
def two_layer_net(n_hidden=30): return nn.Sequential(nn.Linear(784, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 1), nn.Sigmoid())
# wrong: two_layer_net | always 1
def two_layer_net(n_hidden=30): return nn.Sequential(nn.Linear(784, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 1), nn.Softmax(dim=1))
# wrong: two_layer_net | between the layers is a sigmoid
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.l1,self.l2 = nn.Linear(784, n_hidden),nn.Linear(n_hidden, 1)
    def forward(self, x): return self.l2(torch.sigmoid(self.l1(x)))
# wrong: two_layer_net | after the last layer as well
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.l1,self.l2 = nn.Linear(784, n_hidden),nn.Linear(n_hidden, 1)
    def forward(self, x): return F.relu(self.l2(F.relu(self.l1(x))))
# wrong: two_layer_net | sizes of the layers
def two_layer_net(n_hidden): return nn.Sequential(nn.Linear(784, n_hidden), nn.ReLU(), nn.Linear(784, 1))
# wrong: two_layer_net | sizes of the layers
def two_layer_net(n_hidden): return nn.Sequential(nn.Linear(28, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 1))
# wrong: two_layer_net | two outputs
def two_layer_net(n_hidden): return nn.Sequential(nn.Linear(784, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 2))
# wrong: two_layer_net | squeeze
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.l1,self.l2 = nn.Linear(784, n_hidden),nn.Linear(n_hidden, 1)
    def forward(self, x): return self.l2(F.relu(self.l1(x))).squeeze(1)
# wrong: two_layer_net | three linear layers
def two_layer_net(n_hidden): return nn.Sequential(nn.Linear(784, n_hidden), nn.ReLU(), nn.Linear(n_hidden, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 1))
# wrong: two_layer_net | super().__init__()
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        self.l1,self.l2 = nn.Linear(784, n_hidden),nn.Linear(n_hidden, 1)
    def forward(self, x): return self.l2(F.relu(self.l1(x)))
# wrong: two_layer_net | no method forward
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.l1,self.l2 = nn.Linear(784, n_hidden),nn.Linear(n_hidden, 1)
        def forward(self, x): return self.l2(F.relu(self.l1(x)))
# wrong: two_layer_net | forward returns nothing
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.l1,self.l2 = nn.Linear(784, n_hidden),nn.Linear(n_hidden, 1)
    def forward(self, x): self.l2(F.relu(self.l1(x)))
# wrong: two_layer_net | with its brackets
def two_layer_net(n_hidden): return nn.Sequential(nn.Linear(784, n_hidden), nn.ReLU, nn.Linear(n_hidden, 1))
# wrong: two_layer_net | no list around them
def two_layer_net(n_hidden): return nn.Sequential([nn.Linear(784, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 1)])
# wrong: two_layer_net | several layers, no model
def two_layer_net(n_hidden): return nn.Linear(784, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 1)
# wrong: two_layer_net | makes a layer and applies none
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.l1,self.l2 = nn.Linear(784, n_hidden),nn.Linear(n_hidden, 1)
    def forward(self, x): return self.l2(nn.ReLU(self.l1(x)))
# wrong: two_layer_net | one ready model
two_layer_net = nn.Sequential(nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, 1))
# wrong: two_layer_net | `return`
def two_layer_net(n_hidden): model = nn.Sequential(nn.Linear(784, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 1))

# right: make_dls
def make_dls(train, valid, bs):
    from torch.utils.data import TensorDataset
    return DataLoaders(DataLoader(TensorDataset(*train), bs=bs, shuffle=True), DataLoader(TensorDataset(*valid), bs=bs))
# right: make_dls
def make_dls(trn, val, batch_size=64):
    (x,y),(vx,vy) = trn,val
    return DataLoaders.from_dsets(list(zip(x, y)), list(zip(vx, vy)), bs=batch_size)
# right: make_dls
def make_dls(train, valid, bs):
    loaders = []
    for (x,y),shuffle in ((train,True),(valid,False)):
        loaders.append(torch.utils.data.DataLoader([(x[i],y[i]) for i in range(len(x))], batch_size=bs, shuffle=shuffle))
    return DataLoaders(*loaders)
# wrong: make_dls | is imported
from mnist_course.learner import get_dls as make_dls
# wrong: make_dls | one loader
def make_dls(train, valid, bs): return DataLoader(list(zip(*train)), batch_size=bs)
# wrong: make_dls | one loader
def make_dls(train, valid, bs=256):
    dset = list(zip(*train)) + list(zip(*valid))
    return DataLoader(dset, bs=bs, shuffle=True)
# wrong: make_dls | doesn't shuffle
def make_dls(train, valid, bs): return DataLoaders(DataLoader(list(zip(*train)), bs=bs), DataLoader(list(zip(*valid)), bs=bs))
# wrong: make_dls | training loader doesn't shuffle
def make_dls(train, valid, bs): return DataLoaders(DataLoader(list(zip(*train)), bs=bs), DataLoader(list(zip(*valid)), bs=bs, shuffle=True))
# wrong: make_dls | mixed once
def make_dls(train, valid, bs):
    x,y = train
    mixed = torch.randperm(len(x))
    return DataLoaders(DataLoader(list(zip(x[mixed], y[mixed])), bs=bs), DataLoader(list(zip(*valid)), bs=bs))
# wrong: make_dls | serves for validation as well
def make_dls(train, valid, bs):
    dl = DataLoader(list(zip(*train)), bs=bs, shuffle=True)
    return DataLoaders(dl, dl)
# wrong: make_dls | exchanged
def make_dls(train, valid, bs): return DataLoaders(DataLoader(list(zip(*valid)), bs=bs, shuffle=True), DataLoader(list(zip(*train)), bs=bs))
# wrong: make_dls | x is paired with x
def make_dls(train, valid, bs): return DataLoaders(DataLoader(list(zip(train[0], train[0])), bs=bs, shuffle=True), DataLoader(list(zip(valid[0], valid[0])), bs=bs))
# wrong: make_dls | x is paired with x
def make_dls(train, valid, bs): return DataLoaders(DataLoader(list(zip(train[0], train[0])), bs=bs, shuffle=True), DataLoader(list(zip(*valid)), bs=bs))
# wrong: make_dls | single items
def make_dls(train, valid, bs): return DataLoaders(DataLoader(list(zip(*train)), shuffle=True), DataLoader(list(zip(*valid))))
# wrong: make_dls | bs isn't used
def make_dls(train, valid, bs): return DataLoaders(DataLoader(list(zip(*train)), bs=256, shuffle=True), DataLoader(list(zip(*valid)), bs=256))
# wrong: make_dls | bs isn't used
def make_dls(train, valid, bs): return DataLoaders(DataLoader(list(zip(*train)), bs=8, shuffle=True), DataLoader(list(zip(*valid)), bs=8))
# wrong: make_dls | no data set of pairs
def make_dls(train, valid, bs):
    def loader(o, **kw): return torch.utils.data.DataLoader(o, batch_size=bs, **kw)
    return DataLoaders(loader(train, shuffle=True), loader(valid))
# wrong: make_dls | by themselves
def make_dls(train, valid, bs): return DataLoader(list(zip(*train)), bs=bs, shuffle=True), DataLoader(list(zip(*valid)), bs=bs)
# wrong: make_dls | no data set of pairs
def make_dls(train, valid, bs): return DataLoaders(DataLoader(train, bs=bs, shuffle=True), DataLoader(valid, bs=bs))
# wrong: make_dls | make a list of it
def make_dls(train, valid, bs): return DataLoaders(DataLoader(zip(*train), bs=bs, shuffle=True), DataLoader(zip(*valid), bs=bs))
# wrong: make_dls | no loader for validation
def make_dls(train, valid, bs): return DataLoaders(DataLoader(list(zip(*train)), bs=bs, shuffle=True))
# wrong: make_dls | never judged
def make_dls(train, valid, bs):
    def loader(o, **kw): return torch.utils.data.DataLoader(list(zip(*o)), batch_size=bs, drop_last=True, **kw)
    return DataLoaders(loader(train, shuffle=True), loader(valid))
# wrong: make_dls | `return`
def make_dls(train, valid, bs): dls = DataLoaders(DataLoader(list(zip(*train)), bs=bs, shuffle=True), DataLoader(list(zip(*valid)), bs=bs))

# right: bce_loss
bce_loss = nn.BCEWithLogitsLoss()
# right: bce_loss
def bce_loss(scores, labels): return F.binary_cross_entropy_with_logits(scores.squeeze(1), labels.squeeze(1))
# right: bce_loss
bce_loss = BCEWithLogitsLossFlat()
# right: bce_loss
def bce_loss(x, y): return (F.softplus(x) - x*y).mean()
# right: bce_loss
def bce_loss(p, t): return -torch.where(t.bool(), F.logsigmoid(p), F.logsigmoid(-p)).mean()
# wrong: bce_loss | one too many
def bce_loss(preds, yb): return nn.BCEWithLogitsLoss()(preds.sigmoid(), yb)
# wrong: bce_loss | rounds to 0 or 1
def bce_loss(preds, yb): return nn.BCELoss()(torch.sigmoid(preds), yb)
# wrong: bce_loss | these are raw scores
def bce_loss(preds, yb): return nn.BCELoss()(preds, yb)
# wrong: bce_loss | logarithm of a sigmoid
def bce_loss(preds, yb):
    p = preds.sigmoid()
    return -torch.where(yb==1, p, 1-p).log().mean()
# wrong: bce_loss | what it makes is then called
def bce_loss(preds, yb): return nn.BCEWithLogitsLoss(preds, yb)
# wrong: bce_loss | (n,) and (n,1) meet
def bce_loss(preds, yb): return nn.BCEWithLogitsLoss()(preds.squeeze(), yb)
# wrong: bce_loss | it takes the sum
def bce_loss(preds, yb): return nn.BCEWithLogitsLoss(reduction='sum')(preds, yb)
# wrong: bce_loss | mean is missing
def bce_loss(preds, yb): return F.binary_cross_entropy_with_logits(preds, yb, reduction='none')
# wrong: bce_loss | several columns
def bce_loss(preds, yb): return nn.CrossEntropyLoss()(preds, yb)
# wrong: bce_loss | several columns
def bce_loss(preds, yb): return F.cross_entropy(preds, yb.squeeze().long())
# wrong: bce_loss | scores come first
def bce_loss(preds, yb): return F.binary_cross_entropy_with_logits(yb, preds)
# wrong: bce_loss | no gradient
def bce_loss(preds, yb): return nn.BCEWithLogitsLoss()(preds, yb).item()
# wrong: bce_loss | no gradient
def bce_loss(preds, yb): return nn.BCEWithLogitsLoss()(preds.detach(), yb)
# wrong: bce_loss | mnist_loss
def bce_loss(preds, yb):
    preds = preds.sigmoid()
    return torch.where(yb==1, 1-preds, preds).mean()
# wrong: bce_loss | sign is wrong
def bce_loss(preds, yb): return torch.where(yb==1, F.logsigmoid(preds), F.logsigmoid(-preds)).mean()
# wrong: bce_loss | integers
def bce_loss(preds, yb): return nn.BCEWithLogitsLoss()(preds, yb.long())
# wrong: bce_loss | an `if` asks one question
def bce_loss(preds, yb): return (-F.logsigmoid(preds) if yb==1 else -F.logsigmoid(-preds)).mean()
# wrong: bce_loss | sigmoid is missing
def bce_loss(preds, yb): return -(yb*preds.log() + (1-yb)*(1-preds).log()).mean()
# wrong: bce_loss | `return`
def bce_loss(preds, yb): nn.BCEWithLogitsLoss()(preds, yb)
# wrong: bce_loss | is a class
bce_loss = nn.BCEWithLogitsLoss

# right: score_accuracy
score_accuracy = accuracy_multi
# right: score_accuracy
def score_accuracy(inp, targ): return ((torch.sigmoid(inp)>=0.5).float()==targ).float().mean().item()
# right: score_accuracy
def score_accuracy(outs, labels):
    n_right = 0
    for o,l in zip(outs, labels):
        if (o.item()>0)==(l.item()==1): n_right += 1
    return n_right/len(labels)
# right: score_accuracy
score_accuracy = partial(accuracy_multi, thresh=0., sigmoid=False)
# right: score_accuracy
def score_accuracy(preds, yb): return (preds.sigmoid().round()==yb).sum()/yb.numel()
# wrong: score_accuracy | argmax of a single column
score_accuracy = accuracy
# wrong: score_accuracy | argmax of a single column
def score_accuracy(preds, yb): return (preds.argmax(dim=1, keepdim=True)==yb).float().mean()
# wrong: score_accuracy | one answer for the whole batch
def score_accuracy(preds, yb): return (preds.argmax(dim=0)==yb).float().mean()
# wrong: score_accuracy | threshold of 0.5
def score_accuracy(preds, yb): return ((preds>0.5)==yb).float().mean()
# wrong: score_accuracy | threshold of 0.5
score_accuracy = partial(accuracy_multi, sigmoid=False)
# wrong: score_accuracy | all numbers are above 0
def score_accuracy(preds, yb): return ((preds.sigmoid()>0)==yb).float().mean()
# wrong: score_accuracy | after two of them
def score_accuracy(preds, yb): return accuracy_multi(preds.sigmoid(), yb)
# wrong: score_accuracy | rounds raw scores
def score_accuracy(preds, yb): return (preds.round()==yb).float().mean()
# wrong: score_accuracy | (n,) and (n,1)
def score_accuracy(preds, yb): return ((preds.squeeze(1)>0)==yb).float().mean()
# wrong: score_accuracy | (n,) and (n,1)
def score_accuracy(preds, yb): return ((preds>0)==yb.flatten()).float().mean()
# wrong: score_accuracy | no threshold
def score_accuracy(preds, yb): return (preds.sigmoid()==yb).float().mean()
# wrong: score_accuracy | this is the sum
def score_accuracy(preds, yb): return ((preds>0)==yb).float().sum()
# wrong: score_accuracy | no mean is taken
def score_accuracy(preds, yb): return (preds>0)==yb
# wrong: score_accuracy | percentage
def score_accuracy(preds, yb): return 100*((preds>0)==yb).float().mean()
# wrong: score_accuracy | reversed
def score_accuracy(preds, yb): return ((preds<0)==yb).float().mean()
# wrong: score_accuracy | `return`
def score_accuracy(preds, yb): ((preds>0)==yb).float().mean()

# right: make_opt
make_opt = SGD
# right: make_opt
def make_opt(ps, lr=0.1): return OptimWrapper(ps, torch.optim.SGD, lr=lr)
# right: make_opt
make_opt = partial(OptimWrapper, opt=torch.optim.SGD)
# right: make_opt
def make_opt(params, **kwargs): return Optimizer(params, [sgd_step], **kwargs)
# wrong: make_opt | ready optimizer
model = nn.Linear(784, 1)
make_opt = SGD(model.parameters(), lr=0.1)
# wrong: make_opt | ready optimizer
model = nn.Linear(784, 1)
make_opt = torch.optim.SGD(model.parameters(), lr=0.1)
# wrong: make_opt | other parameters
model = nn.Linear(784, 1)
def make_opt(params, lr): return SGD(model.parameters(), lr=lr)
# wrong: make_opt | OptimWrapper
def make_opt(params, lr): return torch.optim.SGD(params, lr=lr)
# wrong: make_opt | is imported
from mnist_course.optimizer import BasicOptim
make_opt = BasicOptim
# wrong: make_opt | lr isn't used
def make_opt(params, lr): return SGD(params, lr=0.1)
# wrong: make_opt | lr isn't used
def make_opt(params, lr): return OptimWrapper(params, torch.optim.SGD)
# wrong: make_opt | the name lr
def make_opt(params, learning_rate): return SGD(params, lr=learning_rate)
# wrong: make_opt | momentum
def make_opt(params, lr): return SGD(params, lr=lr, mom=0.9)
# wrong: make_opt | this is Adam
make_opt = Adam
# wrong: make_opt | weight decay
def make_opt(params, lr): return SGD(params, lr=lr, wd=0.01)
# wrong: make_opt | call it
def make_opt(params, lr): return SGD
# wrong: make_opt | call it
def make_opt(params, lr): return partial(SGD, params, lr=lr)
# wrong: make_opt | `return`
def make_opt(params, lr): opt = SGD(params, lr=lr)
# wrong: make_opt | no optimizer
def make_opt(params, lr):
    for p in params:
        if p.grad is not None: p.data -= lr*p.grad
    return list(params)

# right: make_learner
def make_learner(dls):
    net = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
    return Learner(dls, net, loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD, metrics=accuracy_multi, lr=0.3)
# right: make_learner
class TwoLayerNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1,self.layer2 = nn.Linear(28*28, 50),nn.Linear(50, 1)
    def forward(self, x): return self.layer2(F.relu(self.layer1(x)))
def right_ones(preds, yb): return ((preds>0)==yb).float().mean()
def make_learner(loaders): return Learner(loaders, TwoLayerNet(), F.binary_cross_entropy_with_logits, metrics=[right_ones])
# right: make_learner
from mnist_course.learner import simple_net
dls = None
def make_learner():
    return Learner(dls, simple_net(20), loss_func=BCEWithLogitsLossFlat(), opt_func=partial(OptimWrapper, opt=torch.optim.SGD), metrics=partial(accuracy_multi, thresh=0.5))
# right: make_learner
model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
def make_learner(dls): return Learner(dls, model, nn.BCEWithLogitsLoss(), opt_func=OptimWrapper(opt=torch.optim.Adam(model.parameters(), lr=1e-3)), metrics=accuracy_multi)
# wrong: make_learner | opt_func is an optimizer
def make_learner(dls):
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
    opt = SGD(model.parameters(), lr=0.1)
    return Learner(dls, model, opt_func=opt, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)
# wrong: make_learner | one loader
def make_learner(dls):
    return Learner(dls.train, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), opt_func=SGD, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)
# wrong: make_learner | sigmoid is followed by another
def make_learner(dls): return Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1), nn.Sigmoid()), opt_func=SGD, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)
# wrong: make_learner | linear
def make_learner(dls): return Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.Linear(50, 1)), opt_func=SGD, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)
# wrong: make_learner | argmax
def make_learner(dls): return Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), opt_func=SGD, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy)
# wrong: make_learner | metrics= is missing
def make_learner(dls): return Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), opt_func=SGD, loss_func=nn.BCEWithLogitsLoss())
# wrong: make_learner | loss_func=
def make_learner(dls): return Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), opt_func=SGD, metrics=accuracy_multi)
# wrong: make_learner | brackets are missing
def make_learner(dls): return Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), opt_func=SGD, loss_func=nn.BCEWithLogitsLoss, metrics=accuracy_multi)
# wrong: make_learner | brackets are missing
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1,self.l2 = nn.Linear(784, 50),nn.Linear(50, 1)
    def forward(self, x): return self.l2(F.relu(self.l1(x)))
def make_learner(dls): return Learner(dls, Net, opt_func=SGD, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)
# wrong: make_learner | OptimWrapper
def make_learner(dls): return Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), opt_func=torch.optim.SGD, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)
# wrong: make_learner | raw scores have their threshold at 0
def acc(p, y): return ((p>0.5)==y).float().mean()
def make_learner(dls): return Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), opt_func=SGD, loss_func=nn.BCEWithLogitsLoss(), metrics=acc)
# wrong: make_learner | only 2 labels
def make_learner(dls): return Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10)), opt_func=SGD, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy)
# wrong: make_learner | another cell has left behind
dls = DataLoaders(DataLoader([(torch.rand(784), torch.ones(1))]*4, bs=2), DataLoader([(torch.rand(784), torch.ones(1))]*4, bs=2))
old = dls
def make_learner(dls): return Learner(old, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), opt_func=SGD, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)
# wrong: make_learner | of another model
def net(): return nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
def make_learner(dls): return Learner(dls, net(), opt_func=lambda params,lr: SGD(net().parameters(), lr=lr), loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)
# wrong: make_learner | which is still to do
def make_learner(dls): return Learner(dls, two_layer_net(30), opt_func=SGD, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)
# wrong: make_learner | else than fastai's Learner
def make_learner(dls): return nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
# wrong: make_learner | `return`
def make_learner(dls): learn = Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), opt_func=SGD, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)

# right: train_net
def train_net(dls):
    net = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
    learn = Learner(dls, net, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)
    learn.fit_one_cycle(4, 0.01)
    return learn
# right: train_net
def train_net(data):
    model = nn.Sequential(nn.Linear(784, 40), nn.ReLU(), nn.Linear(40, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.5)
    for epoch in range(8):
        for xb,yb in data.train:
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad(): print(torch.stack([((model(xb)>0)==yb).float().mean() for xb,yb in data.valid]).mean())
    return model
# right: train_net
from mnist_course.learner import BasicLearner,simple_net
dls = None
def train_net():
    learn = BasicLearner(dls, simple_net(), nn.BCEWithLogitsLoss(), lr=0.5)
    learn.fit(8)
    return learn
# right: train_net
def train_net(dls):
    smaller = DataLoaders(dls.train.new(bs=64), dls.valid)
    learn = Learner(smaller, nn.Sequential(nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, 1)), loss_func=BCEWithLogitsLossFlat(), opt_func=SGD)
    with learn.no_bar(): learn.fit(4, 0.3)
    return learn
# wrong: train_net | hardly moved
def train_net(dls):
    learn = Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD, metrics=accuracy_multi)
    learn.fit(5)
    return learn
# wrong: train_net | too small for so few epochs
def train_net(dls):
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
    opt = torch.optim.SGD(model.parameters(), lr=1e-2)
    for _ in range(4):
        for xb,yb in dls.train:
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step(); opt.zero_grad()
    return model
# wrong: train_net | learning rate is too large
def train_net(dls):
    learn = Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD, metrics=accuracy_multi)
    learn.fit(3, 50.)
    return learn
# wrong: train_net | learning rate is too large
def train_net(dls):
    learn = Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD)
    learn.fit(4, 3.)
    return learn
# wrong: train_net | isn't the model that was trained
def train_net(dls):
    def net(): return nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
    learn = Learner(dls, net(), loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD, metrics=accuracy_multi)
    learn.fit(2, 0.5)
    return net()
# wrong: train_net | ten
def train_net(dls):
    learn = Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD, metrics=accuracy_multi)
    learn.fit(40, 0.1)
    return learn
# wrong: train_net | does it call fit
def train_net(dls): return Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD, metrics=accuracy_multi)
# wrong: train_net | `return`
def train_net(dls):
    learn = Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD, metrics=accuracy_multi)
    return learn.fit(2, 0.5)
# wrong: train_net | validation set
def train_net(dls):
    learn = Learner(DataLoaders(dls.valid, dls.valid), nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD, metrics=accuracy_multi)
    learn.fit(10, 0.5)
    return learn
# wrong: train_net | sigmoid is followed by another
def train_net(dls):
    learn = Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1), nn.Sigmoid()), loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD, metrics=accuracy_multi)
    learn.fit(3, 0.5)
    return learn
# wrong: train_net | no ReLU
def train_net(dls):
    learn = Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.Linear(50, 1)), loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD, metrics=accuracy_multi)
    learn.fit(5, 0.1)
    return learn
# wrong: train_net | column of scores
def train_net(dls):
    learn = Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1), nn.Flatten(0)), loss_func=lambda p,y: F.binary_cross_entropy_with_logits(p[:,None], y), opt_func=SGD)
    learn.fit(3, 0.5)
    return learn
# wrong: train_net | sign is wrong
def train_net(dls):
    learn = Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), loss_func=lambda p,y: F.binary_cross_entropy_with_logits(-p, y), opt_func=SGD)
    learn.fit(3, 0.5)
    return learn
# wrong: train_net | nan
def train_net(dls):
    learn = Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), loss_func=lambda p,y: -torch.where(y==1, p, 1-p).log().mean(), opt_func=SGD)
    learn.fit(1, 0.5)
    return learn
# wrong: train_net | neither a learner nor a model
def train_net(dls):
    learn = Learner(dls, nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1)), loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD, metrics=accuracy_multi)
    learn.fit(1, 0.5)
    return learn.validate()
# wrong: train_net | which is still to do
def train_net(dls):
    learn = make_learner(dls)
    learn.fit(5, 0.5)
    return learn
