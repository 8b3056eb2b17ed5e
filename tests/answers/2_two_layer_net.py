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
# wrong: as_rows | exchange the sizes
def as_rows(images): return images.view(28*28, -1).float()/255
# wrong: as_rows | in place
def as_rows(images):
    images /= 255
    return images.view(-1, 784)
# wrong: as_rows | (2) They are whole numbers
def as_rows(images):
    rows = torch.zeros(len(images), 28*28, dtype=torch.uint8)
    for i,img in enumerate(images): rows[i] = img.flatten()
    return rows

# right: as_labels
def as_labels(digits): return (digits==3).float()[:,None]
# right: as_labels
def as_labels(y): return tensor([[1.] if d==3 else [0.] for d in y])
# right: as_labels
def as_labels(t): return ((7-t)/4).view(-1, 1)
# right: as_labels
def as_labels(digits): return torch.where(digits==3, 1., 0.).reshape(len(digits), 1)
# wrong: as_labels | one row
def as_labels(digits): return (digits==3).float().unsqueeze(0)
# wrong: as_labels | (2) The labels are (n,)
def as_labels(digits):
    import numpy as np
    three = np.equal(digits.numpy(), 3)
    return torch.from_numpy(np.where(three, 1., -1.)).float()
# wrong: as_labels | puts them first
def as_labels(digits):
    n3,n7 = (digits==3).sum(),(digits==7).sum()
    return tensor([1]*n3 + [0]*n7).unsqueeze(1)

# right: two_layer_net
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.layer1 = nn.Linear(28*28, n_hidden)
        self.layer2 = nn.Linear(n_hidden, 1)
    def forward(self, x):
        x = F.relu(self.layer1(x))
        return self.layer2(x)
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
# wrong: two_layer_net | result isn't used
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.l1,self.l2,self.act = nn.Linear(784, n_hidden),nn.Linear(n_hidden, 1),nn.ReLU()
    def forward(self, x):
        x = self.l1(x)
        self.act(x)
        return self.l2(x)
# wrong: two_layer_net | made anew in forward
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.n_hidden = n_hidden
    def forward(self, x): return nn.Linear(self.n_hidden, 1)(F.relu(nn.Linear(784, self.n_hidden)(x)))
# wrong: two_layer_net | no method forward
class two_layer_net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.l1,self.l2 = nn.Linear(784, n_hidden),nn.Linear(n_hidden, 1)
        def forward(self, x): return self.l2(F.relu(self.l1(x)))

# right: make_dls
def make_dls(train, valid, bs):
    from torch.utils.data import TensorDataset
    train_ds,valid_ds = TensorDataset(*train),TensorDataset(*valid)
    return DataLoaders(DataLoader(train_ds, bs=bs, shuffle=True), DataLoader(valid_ds, bs=bs))
# right: make_dls
def make_dls(trn, val, batch_size=64):
    (x,y),(vx,vy) = trn,val
    return DataLoaders.from_dsets(list(zip(x, y)), list(zip(vx, vy)), bs=batch_size)
# right: make_dls
def make_dls(train, valid, bs):
    loaders = []
    for (x,y),shuffle in ((train,True),(valid,False)):
        items = [(x[i],y[i]) for i in range(len(x))]
        loaders.append(torch.utils.data.DataLoader(items, batch_size=bs, shuffle=shuffle))
    return DataLoaders(*loaders)
# wrong: make_dls | is imported
from mnist_course.learner import get_dls as make_dls
# wrong: make_dls | no data set of pairs
def make_dls(train, valid, bs):
    def loader(o, **kw): return torch.utils.data.DataLoader(o, batch_size=bs, **kw)
    return DataLoaders(loader(train, shuffle=True), loader(valid))
# wrong: make_dls | Pairs are the wrong way round
def make_dls(train, valid, bs=256):
    def flipped(xy): return [(label,row) for row,label in zip(*xy)]
    return DataLoaders(*(DataLoader(flipped(o), bs=bs, shuffle=i==0) for i,o in enumerate((train,valid))))

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
# wrong: bce_loss | what it makes is then called
def bce_loss(preds, yb): return nn.BCEWithLogitsLoss(preds, yb)
# wrong: bce_loss | (2) It takes a sum
def bce_loss(preds, yb):
    total = 0.
    for p,y in zip(preds.sigmoid(), yb): total = total + nn.functional.binary_cross_entropy_with_logits(p, y)
    return total
# wrong: bce_loss | (2) The sign is wrong
def bce_loss(scores, targets):
    probs = scores.sigmoid()
    right = torch.where(targets==1, probs, 1-probs)
    return (right+1e-7).log().mean()

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
# wrong: score_accuracy | one for the whole batch
def score_accuracy(preds, yb): return (preds.argmax(dim=0)==yb).float().mean()
# wrong: score_accuracy | (2)
def score_accuracy(preds, yb):
    hits = 0
    for p,y in zip(preds, yb): hits += int((p>0.5).float()!=y)
    return hits/len(yb)
# wrong: score_accuracy | (n,) and (n,1)
def score_accuracy(preds, yb): return ((preds>0)==yb.flatten()).float().mean()

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
# wrong: make_opt | must be called lr
def make_opt(params, learning_rate): return SGD(params, lr=learning_rate)
# wrong: make_opt | (2) It has weight decay
def make_opt(params, lr): return SGD(params, lr=lr, mom=0.9, wd=0.01)

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
def make_learner(loaders):
    return Learner(loaders, TwoLayerNet(), F.binary_cross_entropy_with_logits, metrics=[right_ones])
# right: make_learner
from mnist_course.learner import simple_net
dls = None
def make_learner():
    sgd = partial(OptimWrapper, opt=torch.optim.SGD)
    return Learner(dls, simple_net(20), loss_func=BCEWithLogitsLossFlat(), opt_func=sgd,
        metrics=partial(accuracy_multi, thresh=0.5))
# right: make_learner
model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
def make_learner(dls):
    opt = OptimWrapper(opt=torch.optim.Adam(model.parameters(), lr=1e-3))
    return Learner(dls, model, nn.BCEWithLogitsLoss(), opt_func=opt, metrics=accuracy_multi)
# wrong: make_learner | opt_func is an optimizer
def make_learner(dls):
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
    opt = SGD(model.parameters(), lr=0.1)
    return Learner(dls, model, opt_func=opt, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)
# wrong: make_learner | argmax
def make_learner(dls):
    net = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
    return Learner(dls, net, opt_func=SGD, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy)
# wrong: make_learner | another cell has left behind
noise = DataLoader([(torch.rand(784), torch.ones(1))]*4, bs=2)
dls = DataLoaders(noise, noise)
old = dls
def make_learner(dls):
    net = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
    return Learner(old, net, opt_func=SGD, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)

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
    net = nn.Sequential(nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, 1))
    learn = Learner(smaller, net, loss_func=BCEWithLogitsLossFlat(), opt_func=SGD)
    with learn.no_bar(): learn.fit(4, 0.3)
    return learn
# wrong: train_net | isn't the model that was trained
def train_net(dls):
    def net(): return nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
    learn = Learner(dls, net(), loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD, metrics=accuracy_multi)
    learn.fit(2, 0.5)
    return net()
# wrong: train_net | does it call fit
def train_net(dls):
    net = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
    return Learner(dls, net, loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD, metrics=accuracy_multi)
# wrong: train_net | aren't zeroed
def train_net(dls):
    net = nn.Sequential(nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.5)
    for _ in range(5):
        for xb,yb in dls.train:
            loss = nn.BCEWithLogitsLoss()(net(xb), yb)
            loss.backward()
            opt.step()
    return net
