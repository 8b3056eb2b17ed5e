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
# wrong: MyOptim | uphill
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self):
        for p in self.params:
            if p.grad is not None: p.data += self.lr*p.grad
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: MyOptim | No parameter moves
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self):
        with torch.no_grad():
            for p in self.params:
                if p.grad is not None: p = p - self.lr*p.grad
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: MyOptim | No parameter moves
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self): self.params = [p - self.lr*p.grad for p in self.params]
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: MyOptim | inside the graph
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self):
        for p in self.params:
            if p.grad is not None: p.sub_(p.grad, alpha=self.lr)
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: MyOptim | it is 1, always
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self):
        for p in self.params:
            if p.grad is not None: p.data -= p.grad
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: MyOptim | it is 0.01, always
lr = 0.01
class MyOptim:
    def __init__(self, params, learning_rate): self.params = list(params)
    def step(self):
        for p in self.params:
            if p.grad is not None: p.data -= lr*p.grad
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: MyOptim | zero_grad does nothing
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self):
        for p in self.params:
            if p.grad is not None: p.data -= self.lr*p.grad
    def zero_grad(self):
        for p in self.params: g = torch.zeros_like(p)
# wrong: MyOptim | sets the parameters to zero
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self):
        for p in self.params:
            if p.grad is not None: p.data -= self.lr*p.grad
    def zero_grad(self):
        with torch.no_grad():
            for p in self.params: p.zero_()
# wrong: MyOptim | tensor or None, and not a number
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self):
        for p in self.params:
            if p.grad is not None: p.data -= self.lr*p.grad
    def zero_grad(self):
        for p in self.params: p.grad = 0.
# wrong: MyOptim | run dry
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = params,lr
    def step(self):
        for p in self.params:
            if p.grad is not None: p.data -= self.lr*p.grad
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: MyOptim | run dry
class MyOptim:
    def __init__(self, params, lr):
        print(f"{sum(p.numel() for p in params)} parameters")
        self.params,self.lr = list(params),lr
    def step(self):
        for p in self.params:
            if p.grad is not None: p.data -= self.lr*p.grad
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: MyOptim | parameter without a gradient
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self):
        for p in self.params: p.data -= self.lr*p.grad
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: MyOptim | parameter without a gradient
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self):
        for p in self.params:
            if p.grad is not None: p.data -= self.lr*p.grad
    def zero_grad(self):
        for p in self.params: p.grad.data.zero_()
# wrong: MyOptim | Only the first parameter
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self):
        for p in self.params:
            if p.grad is not None: p.data -= self.lr*p.grad
            return p
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: MyOptim | global
model = nn.Linear(2, 1)
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(model.parameters()),lr
    def step(self):
        for p in self.params:
            if p.grad is not None: p.data -= self.lr*p.grad
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: MyOptim | global
model = nn.Linear(2, 1)
class MyOptim:
    def __init__(self, params, lr): self.lr = lr
    def step(self):
        for p in model.parameters(): p.data -= self.lr*p.grad
    def zero_grad(self):
        for p in model.parameters(): p.grad.zero_()
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
# wrong: MyOptim | `return` missing
def MyOptim(params, lr):
    class Optim:
        def step(self): ...
        def zero_grad(self): ...
    Optim()
# wrong: MyOptim | out of training
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self):
        for p in self.params:
            p.requires_grad_(False)
            if p.grad is not None: p -= self.lr*p.grad
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: MyOptim | still to do
class MyOptim:
    def __init__(self, params, lr): self.params,self.lr = list(params),lr
    def step(self): raise NotImplementedError()
    def zero_grad(self): raise NotImplementedError()

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
# wrong: train_step | aren't set to zero
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(model(xb), yb)
    loss.backward()
    opt.step()
    return loss.item()
# wrong: train_step | stands between
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(model(xb), yb)
    loss.backward()
    opt.zero_grad()
    opt.step()
    return loss.item()
# wrong: train_step | comes before backward
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(model(xb), yb)
    opt.step()
    opt.zero_grad()
    loss.backward()
    return loss.item()
# wrong: train_step | is backward() missing
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(model(xb), yb)
    loss.backward
    opt.step()
    opt.zero_grad()
    return loss.item()
# wrong: train_step | never calls step()
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(model(xb), yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters(): p -= 0.1*p.grad
    opt.zero_grad()
    return loss.item()
# wrong: train_step | `return` missing
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(model(xb), yb)
    loss.backward()
    opt.step()
    opt.zero_grad()
# wrong: train_step | record of its whole computation
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(model(xb), yb)
    loss.backward()
    opt.step()
    opt.zero_grad()
    return loss
# wrong: train_step | isn't a number
def train_step(xb, yb, model, loss_func, opt):
    preds = model(xb)
    loss_func(preds, yb).backward()
    opt.step()
    opt.zero_grad()
    return preds.detach()
# wrong: train_step | after the step
def train_step(xb, yb, model, loss_func, opt):
    loss_func(model(xb), yb).backward()
    opt.step()
    opt.zero_grad()
    with torch.no_grad(): return loss_func(model(xb), yb)
# wrong: train_step | wrong way round
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(yb, model(xb))
    loss.backward()
    opt.step()
    opt.zero_grad()
    return loss.item()
# wrong: train_step | before backward()
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(model(xb), yb).item()
    loss.backward()
    opt.step()
    opt.zero_grad()
    return loss
# wrong: train_step | before backward()
def train_step(xb, yb, model, loss_func, opt):
    with torch.no_grad(): loss = loss_func(model(xb), yb)
    loss.backward()
    opt.step()
    opt.zero_grad()
    return loss
# wrong: train_step | another one, from a global
linear_model = nn.Linear(28*28, 1)
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(linear_model(xb), yb)
    loss.backward()
    opt.step()
    opt.zero_grad()
    return loss.item()
# wrong: train_step | never calls the loss function
def train_step(xb, yb, model, loss_func, opt):
    loss = mnist_loss(model(xb), yb)
    loss.backward()
    opt.step()
    opt.zero_grad()
    return loss.item()
# wrong: train_step | multiplied by the number of items
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(model(xb), yb)
    loss.backward()
    opt.step()
    opt.zero_grad()
    return loss.item()*len(yb)
# wrong: train_step | in place
def train_step(xb, yb, model, loss_func, opt):
    xb /= 255
    loss = loss_func(model(xb), yb)
    loss.backward()
    opt.step()
    opt.zero_grad()
    return loss.item()
# wrong: train_step | never ends
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(model(xb), yb)
    while loss > 0.01:
        opt.zero_grad()
        loss = loss_func(model(xb), yb)
    return loss.item()
# wrong: train_step | more than once
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(model(xb), yb)
    loss.backward()
    for p in model.parameters(): opt.step()
    opt.step()
    opt.zero_grad()
    return loss.item()

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
# wrong: Momentum | shared by all
class Momentum:
    def __init__(self, params, lr, momentum): self.params,self.lr,self.momentum,self.v = list(params),lr,momentum,0
    def step(self):
        for p in self.params:
            if p.grad is not None:
                self.v = self.momentum*self.v + p.grad
                p.data -= self.lr*self.v
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | 1-momentum
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.v = [torch.zeros_like(p) for p in self.params]
    def step(self):
        for p,v in zip(self.params, self.v):
            if p.grad is not None:
                v.lerp_(p.grad, 1-self.momentum)
                p.data -= self.lr*v
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | no memory
class Momentum:
    def __init__(self, params, lr, momentum): self.params,self.lr,self.momentum = list(params),lr,momentum
    def step(self):
        velocities = [torch.zeros_like(p) for p in self.params]
        for p,v in zip(self.params, velocities):
            if p.grad is not None:
                v = self.momentum*v + p.grad
                p.data -= self.lr*v
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | no memory
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.zero_grad()
    def step(self):
        for i,p in enumerate(self.params):
            if p.grad is not None:
                self.v[i] = self.momentum*self.v[i] + p.grad
                p.data -= self.lr*self.v[i]
    def zero_grad(self):
        self.v = [torch.zeros_like(p) for p in self.params]
        for p in self.params: p.grad = None
# wrong: Momentum | no memory
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.v = [torch.zeros_like(p) for p in self.params]
    def step(self):
        for p,v in zip(self.params, self.v):
            if p.grad is not None:
                v = self.momentum*v + p.grad
                p.data -= self.lr*v
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | it is 0.9, always
class Momentum:
    def __init__(self, params, lr, momentum=0.9):
        self.params,self.lr = list(params),lr
        self.v = [torch.zeros_like(p) for p in self.params]
    def step(self):
        for p,v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(0.9).add_(p.grad)
                p.data -= self.lr*v
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | isn't slowed down
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.v = [torch.zeros_like(p) for p in self.params]
    def step(self):
        for p,v in zip(self.params, self.v):
            if p.grad is not None:
                v += p.grad
                p.data -= self.lr*v
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | to velocity and gradient together
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.v = [torch.zeros_like(p) for p in self.params]
    def step(self):
        for p,v in zip(self.params, self.v):
            if p.grad is not None:
                v.add_(p.grad).mul_(self.momentum)
                p.data -= self.lr*v
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | by the old velocity
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.v = [torch.zeros_like(p) for p in self.params]
    def step(self):
        for p,v in zip(self.params, self.v):
            if p.grad is not None:
                p.data -= self.lr*v
                v.mul_(self.momentum).add_(p.grad)
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | Nesterov
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.v = [torch.zeros_like(p) for p in self.params]
    def step(self):
        for p,v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.data -= self.lr*(self.momentum*v + p.grad)
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | uphill
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.v = [torch.zeros_like(p) for p in self.params]
    def step(self):
        for p,v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).sub_(self.lr*p.grad)
                p.data -= v
    def zero_grad(self):
        for p in self.params: p.grad = None
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
# wrong: Momentum | gradient's own tensor
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.v = [None]*len(self.params)
    def step(self):
        for i,p in enumerate(self.params):
            if p.grad is None: continue
            if self.v[i] is None: self.v[i] = p.grad.data
            else:
                self.v[i] *= self.momentum
                self.v[i] += p.grad
            p.data -= self.lr*self.v[i]
    def zero_grad(self):
        for p in self.params:
            if p.grad is not None: p.grad.zero_()
# wrong: Momentum | first step there is none
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.v = [None for _ in self.params]
    def step(self):
        for i,p in enumerate(self.params):
            if p.grad is not None:
                self.v[i] = self.momentum*self.v[i] + p.grad
                p.data -= self.lr*self.v[i]
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | first step there is none
class Momentum:
    def __init__(self, params, lr, momentum): self.params,self.lr,self.momentum,self.v = list(params),lr,momentum,{}
    def step(self):
        for p in self.params:
            if p.grad is not None:
                self.v[p] = self.momentum*self.v[p] + p.grad
                p.data -= self.lr*self.v[p]
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | run dry
class Momentum:
    def __init__(self, params, lr, momentum):
        self.v = [torch.zeros_like(p) for p in params]
        self.params,self.lr,self.momentum = list(params),lr,momentum
    def step(self):
        for p,v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.data -= self.lr*v
    def zero_grad(self):
        for p in self.params: p.grad = None
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
# wrong: Momentum | from one optimizer to the next
class Momentum:
    def __init__(self, params, lr, momentum, state={}): self.params,self.lr,self.momentum,self.state = list(params),lr,momentum,state
    def step(self):
        for i,p in enumerate(self.params):
            if p.grad is not None:
                self.state[i] = self.momentum*self.state.get(i, 0.) + p.grad
                p.data -= self.lr*self.state[i]
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | parameter without a gradient
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.v = [torch.zeros_like(p) for p in self.params]
    def step(self):
        for p,v in zip(self.params, self.v):
            v.mul_(self.momentum).add_(p.grad)
            p.data -= self.lr*v
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | has no gradient still moves
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.v = [torch.zeros_like(p) for p in self.params]
    def step(self):
        for p,v in zip(self.params, self.v):
            v *= self.momentum
            if p.grad is not None: v += p.grad
            p.data -= self.lr*v
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | No parameter moves
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.v = [torch.zeros_like(p) for p in self.params]
    def step(self):
        for p,v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p = p - self.lr*v
    def zero_grad(self):
        for p in self.params: p.grad = None
# wrong: Momentum | zero_grad does nothing
class Momentum:
    def __init__(self, params, lr, momentum):
        self.params,self.lr,self.momentum = list(params),lr,momentum
        self.v = [torch.zeros_like(p) for p in self.params]
    def step(self):
        for p,v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.data -= self.lr*v
    def zero_grad(self): pass

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
        self.__dict__.update(dls=dls, model=model, loss_func=loss_func, metric=metric, opt=opt_func(model.parameters(), lr))
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
    def __init__(self, dls, model, loss_func, opt_func, lr, metric): super().__init__(dls, model, loss_func, opt_func, lr, metrics=metric)
    def fit(self, n):
        super().fit(n)
        return self
# wrong: MyLearner | training set is used to validate
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.train, self.metric))
        return res
# wrong: MyLearner | zero_grad is never called
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | only once an epoch
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            self.opt.zero_grad()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | model.eval() is missing
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        self.model.train()
        res = []
        for _ in range(n):
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | model.train() is missing
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        self.model.train()
        for _ in range(n):
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | model.eval() is missing
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | model.train() is missing
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model.eval(),loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | trains on the validation set as well
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
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
# wrong: MyLearner | anew for every epoch
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.opt_func,self.lr,self.metric = dls,model,loss_func,opt_func,lr,metric
    def fit(self, n):
        res = []
        for _ in range(n):
            opt = self.opt_func(self.model.parameters(), lr=self.lr)
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                opt.step()
                opt.zero_grad()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | anew for every batch
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.opt_func,self.lr,self.metric = dls,model,loss_func,opt_func,lr,metric
    def train_batch(self, xb, yb):
        opt = self.opt_func(self.model.parameters(), lr=self.lr)
        self.loss_func(self.model(xb), yb).backward()
        opt.step()
        opt.zero_grad()
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for b in self.dls.train: self.train_batch(*b)
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
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
# wrong: MyLearner | Nothing is recorded
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            print(validate_epoch(self.model, self.dls.valid, self.metric))
# wrong: MyLearner | last batch only
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            for xb,yb in self.dls.valid:
                with torch.no_grad(): acc = self.metric(self.model(xb), yb)
            res.append(acc)
        return res
# wrong: MyLearner | mean of the batches' means
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    @torch.no_grad()
    def validate(self):
        self.model.eval()
        return torch.stack([self.metric(self.model(xb), yb) for xb,yb in self.dls.valid]).mean()
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            res.append(self.validate())
        return res
# wrong: MyLearner | over the batches, and not divided
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            with torch.no_grad(): res.append(sum(self.metric(self.model(xb), yb).item() for xb,yb in self.dls.valid))
        return res
# wrong: MyLearner | one epoch old
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
        return res
# wrong: MyLearner | after the last epoch
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        for _ in range(n):
            res = []
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | single epoch
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
            return res
# wrong: MyLearner | records everything for gradients
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            total = sum(self.metric(self.model(xb), yb).item()*len(xb) for xb,yb in self.dls.valid)
            res.append(total/sum(len(xb) for xb,yb in self.dls.valid))
        return res
# wrong: MyLearner | as if it were an optimizer
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.opt_func,self.lr,self.metric = dls,model,loss_func,opt_func,lr,metric
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt_func.step()
                self.opt_func.zero_grad()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | not the model
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model, lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | it is 0.1, always
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr=0.1, metric=batch_accuracy):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), 0.1)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | one step an epoch
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train: self.loss_func(self.model(xb), yb).backward()
            self.opt.step()
            self.opt.zero_grad()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | never goes through dls.train
dls = get_dls((torch.randn(8, 784), torch.ones(8, 1)), (torch.randn(8, 784), torch.ones(8, 1)))
class MyLearner:
    def __init__(self, data, model, loss_func, opt_func, lr, metric):
        self.model,self.loss_func,self.metric,self.opt = model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            res.append(validate_epoch(self.model, dls.valid, self.metric))
        return res
# wrong: MyLearner | never calls the model
model = simple_net()
class MyLearner:
    def __init__(self, dls, net, loss_func, opt_func, lr, metric):
        self.dls,self.loss_func,self.metric,self.opt = dls,loss_func,metric,opt_func(net.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            model.train()
            for xb,yb in self.dls.train:
                self.loss_func(model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            model.eval()
            res.append(validate_epoch(model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | is backward() missing
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                loss = self.loss_func(self.model(xb), yb)
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | never calls the metric
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid))
        return res
# wrong: MyLearner | loss is recorded
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        self.recorder = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            self.recorder.append([validate_epoch(self.model, self.dls.valid, f) for f in (self.metric,self.loss_func)])
# wrong: MyLearner | stands between backward() and step()
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        res = []
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.zero_grad()
                self.opt.step()
            self.model.eval()
            res.append(validate_epoch(self.model, self.dls.valid, self.metric))
        return res
# wrong: MyLearner | One number isn't enough
class MyLearner:
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.metric,self.opt = dls,model,loss_func,metric,opt_func(model.parameters(), lr)
    def fit(self, n):
        for _ in range(n):
            self.model.train()
            for xb,yb in self.dls.train:
                self.loss_func(self.model(xb), yb).backward()
                self.opt.step()
                self.opt.zero_grad()
            self.model.eval()
            res = validate_epoch(self.model, self.dls.valid, self.metric)
        return res

# right: trained_net
def trained_net(dls):
    net = simple_net()
    try: return net,MyLearner(dls, net, mnist_loss, lambda params,lr: Momentum(params, lr, 0.9), 0.1, batch_accuracy).fit(12)
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
# wrong: trained_net | not enough
def trained_net(dls):
    net = simple_net()
    learn = BasicLearner(dls, net, mnist_loss, lr=0.1, metrics=batch_accuracy)
    learn.fit(3)
    return net,[o['batch_accuracy'] for o in learn.recorder]
# wrong: trained_net | another network than the one
def trained_net(dls):
    learn = BasicLearner(dls, simple_net(), mnist_loss, partial(torch.optim.SGD, momentum=0.9), 0.1, batch_accuracy)
    learn.fit(2)
    return simple_net(),[o['batch_accuracy'] for o in learn.recorder]
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
# wrong: trained_net | Two things
def trained_net(dls):
    net = simple_net()
    BasicLearner(dls, net, mnist_loss, lr=0.1, metrics=batch_accuracy).fit(3)
    return net
# wrong: trained_net | `return` missing
def trained_net(dls):
    net = simple_net()
    BasicLearner(dls, net, mnist_loss, lr=0.1, metrics=batch_accuracy).fit(3)
# wrong: trained_net | much too large
def trained_net(dls):
    net = simple_net()
    learn = BasicLearner(dls, net, mnist_loss, partial(torch.optim.SGD, momentum=0.9), 1000., batch_accuracy)
    learn.fit(3)
    return net,[o['batch_accuracy'] for o in learn.recorder]
# wrong: trained_net | weights don't move
def trained_net(dls):
    net,other = simple_net(),simple_net()
    learn = BasicLearner(dls, net, mnist_loss, lambda params, lr: torch.optim.SGD(other.parameters(), lr=lr, momentum=0.9), 0.1, batch_accuracy)
    learn.fit(3)
    return net,[o['batch_accuracy'] for o in learn.recorder]
# wrong: trained_net | another cell
dls = get_dls(*[[o[:512] for o in sample_xy(s)] for s in ('train','test')])
def trained_net(loaders):
    net = simple_net()
    learn = BasicLearner(dls, net, mnist_loss, lr=0.1, metrics=batch_accuracy)
    learn.fit(2)
    return net,[o['batch_accuracy'] for o in learn.recorder]
# wrong: trained_net | not enough
def trained_net():
    net,accs = simple_net(),[]
    opt = torch.optim.SGD(net.parameters(), lr=0.01)
    for _ in range(4):
        for xb,yb in dls.train:
            mnist_loss(net(xb), yb).backward()
            opt.step()
            opt.zero_grad()
        accs.append(validate_epoch(net, dls.valid))
    return net,accs
# wrong: trained_net | One score an image
def trained_net(dls):
    net,accs = simple_net(n_out=2),[]
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(2):
        for xb,yb in dls.train:
            nn.functional.cross_entropy(net(xb), yb[:,0]).backward()
            opt.step()
            opt.zero_grad()
        accs.append(validate_epoch(net, dls.valid, lambda p,y: (p.argmax(1)==y[:,0]).float().mean()))
    return net,accs
# wrong: trained_net | sigmoid
def trained_net(dls):
    net = nn.Sequential(simple_net(), nn.Sigmoid())
    learn = BasicLearner(dls, net, mnist_loss, partial(torch.optim.SGD, momentum=0.9), 0.1, batch_accuracy)
    learn.fit(5)
    return net,[o['batch_accuracy'] for o in learn.recorder]
# wrong: trained_net | list is empty
def trained_net(dls):
    net,accs = simple_net(),[]
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(10):
        for xb,yb in dls.train:
            mnist_loss(net(xb), yb).backward()
            opt.step()
            opt.zero_grad()
        validate_epoch(net, dls.valid)
    return net,accs
# wrong: trained_net | or another metric
def trained_net(dls):
    net = simple_net()
    learn = BasicLearner(dls, net, mnist_loss, partial(torch.optim.SGD, momentum=0.9), 0.1, batch_accuracy)
    learn.fit(10)
    return net,[o['valid_loss'] for o in learn.recorder]
