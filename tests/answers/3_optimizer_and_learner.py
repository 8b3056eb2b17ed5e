# right: MyOptim
class MyOptim:
    def __init__(self, parameters, learning_rate): self.parameters,self.learning_rate = [*parameters],learning_rate
    def step(self):
        with torch.no_grad():
            for p in self.parameters:
                if p.grad is not None: p -= p.grad*self.learning_rate
    def zero_grad(self):
        for p in self.parameters:
            if p.grad is not None: p.grad.zero_()
# right: MyOptim
from types import SimpleNamespace
def MyOptim(ps, eta):
    ps = tuple(ps)
    def step():
        for p in ps: p.data = p.data if p.grad is None else p.data - eta*p.grad
    def zero():
        for p in ps: p.grad = None
    return SimpleNamespace(step=step, zero_grad=zero)
# right: MyOptim
class Optimizer:
    def __init__(self, params, **hypers): self.params,self.hypers = list(params),hypers
    @torch.no_grad()
    def step(self):
        print('stepping')
        for i in range(len(self.params)): self.update(self.params[i])
    def update(self, p):
        if p.grad is None: return
        p.copy_(p - self.hypers['lr']*p.grad)
    def zero_grad(self, set_to_none=False):
        for p in filter(lambda o: o.grad is not None, self.params): p.grad = torch.zeros_like(p)
class MyOptim(Optimizer): pass
# right: MyOptim
def MyOptim(params, lr=0.01): return torch.optim.SGD(params, lr)
MyOptim([torch.zeros(1)]) # the first one takes a second, in which torch imports things
# right: MyOptim
class MyOptim:
    def __init__(self, lr, params):
        self.lr = torch.tensor(lr)
        self.params = list(params).copy()
    def step(self):
        for p in self.params:
            if p.grad is not None: p.detach().add_(p.grad, alpha=-self.lr.item())
    def zero_grad(self):
        for p in self.params:
            if p.grad is not None: p.grad.detach_().mul_(0)
# right: MyOptim
class MyOptim:
    def __init__(self, params, lr): self.groups = [dict(params=[p for p in params], lr=lr)]
    def step(self, closure=None):
        for g in self.groups:
            for p in g['params']:
                if p.grad is not None: p.data.sub_(g['lr']*p.grad.data)
    def zero_grad(self, set_to_none=True):
        for p in self.groups[0]['params']:
            if set_to_none: p.grad = None
            elif p.grad is not None: p.grad.zero_()
# wrong: MyOptim | global
model = nn.Linear(2, 1)
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(model.parameters()),lr
    def step(self):
        for p in self.params:
            if p.grad is not None: p.data -= self.lr*p.grad
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: MyOptim | share one list
class MyOptim:
    params = []
    def __init__(self, params, lr):
        self.params += params
        self.lr = lr
    def step(self):
        for p in self.params:
            if p.grad is not None: p.data -= self.lr*p.grad
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: MyOptim | (2) zero_grad does nothing
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self):
        for p in self.params:
            if p.grad is None: continue
            p.data -= self.lr*p.grad
            break
    def zero_grad(self):
        for p in self.params:
            g = p.grad
            g = None

# right: train_step
def train_step(x, y, net, criterion, optimizer):
    optimizer.zero_grad()
    loss = criterion(net(x), y)
    loss.backward()
    optimizer.step()
    return loss.detach()
# right: train_step
model,loss_func = nn.Linear(28*28, 1),mnist_loss
opt = torch.optim.SGD(model.parameters(), lr=1.)
def train_step(xb, yb):
    preds = model(xb)
    loss = loss_func(preds, yb)
    loss.backward()
    opt.step()
    opt.zero_grad()
    return loss.item()
# right: train_step
def train_step(xb, yb, model, loss_func, opt):
    for p in model.parameters(): p.grad = None
    loss = loss_func(model.forward(xb), yb)
    loss.backward()
    opt.step()
    return loss.data
# right: train_step
def train_step(xb, yb, model, loss_func, opt):
    opt.zero_grad(set_to_none=True)
    loss = loss_func(model(xb), yb)
    loss.backward()
    opt.step()
    return loss.detach().clone()
# wrong: train_step | stands between
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(model(xb), yb)
    loss.backward()
    opt.zero_grad()
    opt.step()
    return loss.item()
# wrong: train_step | isn't a number
def train_step(xb, yb, model, loss_func, opt):
    preds = model(xb)
    loss_func(preds, yb).backward()
    opt.step()
    opt.zero_grad()
    return preds.detach()
# wrong: train_step | (2) The loss is multiplied
def train_step(xb, yb, model, loss_func, opt):
    total = 0.
    loss = loss_func(model(xb), yb)
    loss.backward()
    opt.step()
    for _ in yb: total += loss.item()
    return total

# right: Momentum
class Momentum:
    def __init__(self, params, lr, mom):
        self.params,self.lr,self.mom = list(params),lr,mom
        self.v = [0. for _ in self.params]
    @torch.no_grad()
    def step(self):
        for i,p in enumerate(self.params):
            if p.grad is not None:
                self.v[i] = self.mom*self.v[i] + p.grad
                p -= self.lr*self.v[i]
    def zero_grad(self):
        for p in self.params:
            if p.grad is not None: p.grad.zero_()
# right: Momentum
def Momentum(parameters, learning_rate, beta=0.9):
    class Optim:
        params,state = list(parameters),{}
        def step(self):
            for p in self.params:
                if p.grad is None: continue
                if p in self.state: self.state[p] = beta*self.state[p] - learning_rate*p.grad
                else: self.state[p] = -learning_rate*p.grad
                p.data.add_(self.state[p])
        def zero_grad(self):
            for p in self.params: p.grad = None
    return Optim()
# right: Momentum
class Plain:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self):
        for p in self.params:
            if p.grad is not None: p.data -= self.direction(p)*self.lr
    def direction(self, p): return p.grad
    def zero_grad(self):
        for p in self.params: p.grad = None
class Momentum(Plain):
    def __init__(self, *args, momentum=0.9, **kwargs):
        super().__init__(*args, **kwargs)
        self.momentum = momentum
    def direction(self, p):
        p.velocity = p.grad.clone() if not hasattr(p, 'velocity') else p.velocity.mul_(self.momentum).add_(p.grad)
        return p.velocity
# right: Momentum
class Momentum(torch.optim.SGD): pass
Momentum([torch.zeros(1)], 0.1) # the first one takes a second, in which torch imports things
# right: Momentum
class Momentum:
    def __init__(self, params, lr, momentum):
        self.lr,self.momentum = lr,momentum
        self.pairs = [(p, torch.zeros_like(p)) for p in params]
    def step(self):
        for p,v in self.pairs:
            if p.grad is None: continue
            p.grad += self.momentum*v
            v.copy_(p.grad)
            p.data -= self.lr*p.grad
    def zero_grad(self):
        for p,_ in self.pairs: p.grad = None
# wrong: Momentum | gradient's own tensor
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum,self.v = list(params),lr,momentum,{}
    def step(self):
        for p in self.params:
            if p.grad is not None:
                if p not in self.v: self.v[p] = p.grad
                else: self.v[p] = self.momentum*self.v[p] + p.grad
                p.data -= self.lr*self.v[p]
    def zero_grad(self):
        for p in self.params:
            if p.grad is not None: p.grad.zero_()
# wrong: Momentum | from one optimizer to the next
class Momentum:
    v = []
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        for p in self.params: self.v.append(torch.zeros_like(p))
    def step(self):
        for p,v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.data -= self.lr*v
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | (2) The velocity isn't slowed down
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.v = {p: torch.zeros(p.shape) for p in self.params}
    @torch.no_grad()
    def step(self):
        for p,v in self.v.items():
            if p.grad is None: continue
            v += p.grad
            p += self.lr*v
    def zero_grad(self):
        for p in self.params: p.grad = None

# right: MyLearner
class MyLearner:
    def __init__(self, data, net, criterion, optimizer, learning_rate, metrics):
        self.train_dl,self.valid_dl = data
        self.net,self.criterion,self.metrics = net,criterion,metrics
        self.make = partial(optimizer, list(net.parameters()), lr=learning_rate)
    def fit(self, epochs):
        opt,res = self.make(),[]
        for epoch in range(epochs):
            self.net.train()
            for x,y in self.train_dl:
                opt.zero_grad()
                loss = self.criterion(self.net(x), y)
                loss.backward()
                opt.step()
            self.net.eval()
            total = 0.
            with torch.no_grad():
                for x,y in self.valid_dl: total += self.metrics(self.net(x), y)*len(y)
            res.append(total/len(self.valid_dl.dataset))
            print(epoch, res[-1])
        return res
# right: MyLearner
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        opt = opt_func(model.parameters(), lr)
        self.__dict__.update(dls=dls, model=model, loss_func=loss_func, metric=metric, opt=opt)
        self.recorder = []
    def one_batch(self, xb, yb):
        loss = self.loss_func(self.model(xb), yb)
        loss.backward()
        self.opt.step()
        for p in self.model.parameters(): p.grad = None
        return loss.item()
    @torch.inference_mode()
    def validate(self):
        self.model.train(False)
        preds,ys = zip(*[(self.model(xb), yb) for xb,yb in self.dls.valid])
        return self.metric(torch.cat(preds), torch.cat(ys))
    def fit(self, n):
        for _ in range(n):
            self.model.train(True)
            losses = [self.one_batch(*b) for b in self.dls.train]
            self.recorder.append(dict(train_loss=losses[-1], metric=self.validate()))
# right: MyLearner
from types import SimpleNamespace
def MyLearner(dls, model, loss_func, opt_func, lr, metric):
    def fit(n):
        opt,rows = opt_func(model.parameters(), lr),[]
        while len(rows)<n:
            for xb,yb in dls.train:
                model.train()
                loss_func(model(xb), yb).backward()
                opt.step()
                model.zero_grad()
            model.eval()
            rows.append((0., validate_epoch(model, dls.valid, metric)))
        return rows
    return SimpleNamespace(fit=fit, model=model)
# right: MyLearner
class MyLearner(BasicLearner):
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        super().__init__(dls, model, loss_func, opt_func, lr, metrics=metric)
    def fit(self, n):
        super().fit(n)
        return self
# wrong: MyLearner | trains on the validation set as well
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric = dls,model,loss_func,metric
        self.opt = opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            total,count = 0.,0
            for xb,yb in self.dls.valid:
                preds = self.model(xb)
                self.loss_func(preds, yb).backward()
                self.opt.step()
                self.opt.zero_grad()
                total,count = total+self.metric(preds, yb).item()*len(xb),count+len(xb)
            res.append(total/count)
        return res
# wrong: MyLearner | second fit
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric = dls,model,loss_func,metric
        self.make_opt = partial(opt_func, model.parameters(), lr=lr)
    def fit(self, n):
        opt,res = self.make_opt(),[]
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                opt.step()
                opt.zero_grad()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | (2)
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric = dls,model,loss_func,metric
        self.opt = opt_func(model.parameters(), lr)
    def fit(self, n):
        return [self.one_epoch() for _ in range(n)]
    def one_epoch(self):
        self.model.train()
        for xb,yb in self.dls.train:
            self.loss_func(self.model(xb), yb).backward()
            self.opt.step()
        self.model.eval()
        with torch.no_grad(): accs = [self.metric(self.model(xb), yb) for xb,yb in self.dls.valid]
        return torch.stack(accs).mean()

# right: trained_net
def trained_net(dls):
    net = simple_net()
    def opt_func(params, lr): return Momentum(params, lr, 0.9)
    try: return net,MyLearner(dls, net, mnist_loss, opt_func, 0.1, batch_accuracy).fit(12)
    except NotImplementedError:
        learn = BasicLearner(dls, net, mnist_loss, partial(torch.optim.SGD, momentum=0.9), 0.1, batch_accuracy)
        learn.fit(12)
        return net,[o['batch_accuracy'] for o in learn.recorder]
# right: trained_net
def trained_net(loaders):
    model,accs = simple_net(100),[]
    params = list(model.parameters())
    v = [0.]*4
    for _ in range(10):
        for xb,yb in loaders.train:
            grads = torch.autograd.grad(mnist_loss(model(xb), yb), params)
            with torch.no_grad():
                for i,(p,g) in enumerate(zip(params, grads)):
                    v[i] = 0.9*v[i] + g
                    p -= 0.3*v[i]
        accs.append(torch.stack([batch_accuracy(model(xb), yb) for xb,yb in loaders.valid]).mean())
    return model,accs
# right: trained_net
def trained_net():
    train,valid = dls
    net = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 1))
    opt,accs = torch.optim.Adam(net.parameters(), 3e-3),[0.]
    while accs[-1] < 0.982:
        for xb,yb in train:
            opt.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(net(xb), yb.float()).backward()
            opt.step()
        accs.append(validate_epoch(net, valid))
    return [net,accs]
# wrong: trained_net | trains on dls.valid
def trained_net(dls):
    net,accs = simple_net(),[]
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(10):
        for dl in dls:
            for xb,yb in dl:
                mnist_loss(net(xb), yb).backward()
                opt.step()
                opt.zero_grad()
        accs.append(validate_epoch(net, dls.valid))
    return net,accs
# wrong: trained_net | never looks at dls.valid
def trained_net(dls):
    net,accs = simple_net(),[]
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(10):
        for xb,yb in dls.train:
            mnist_loss(net(xb), yb).backward()
            opt.step()
            opt.zero_grad()
        accs.append(validate_epoch(net, dls.train))
    return net,accs
# wrong: trained_net | No parameter ever changes
def trained_net(dls):
    net,other = simple_net(),simple_net()
    def opt_func(params, lr): return torch.optim.SGD(other.parameters(), lr=lr, momentum=0.9)
    learn = BasicLearner(dls, net, mnist_loss, opt_func, 0.1, batch_accuracy)
    learn.fit(3)
    return net,[o['batch_accuracy'] for o in learn.recorder]
