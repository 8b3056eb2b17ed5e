"What `check_setup` says of parameters, gradients, steps and learning rates"
from .setups import *

# training: parameters

@faulty('training: parameters')
def bias_not_among_the_params():
    params,model = linear()
    return dict(dls=fast_dls(*two()), model=model, params=params[:1], loss_func=mnist_loss, lr=1.)

@faulty('training: parameters')
def layers_in_a_list():
    def forward(self, x):
        for o in self.layers: x = o(x).relu()
        return self.last(x)
    return ten_columns(torch_dls(*ten()), Wrap(forward, layers=[nn.Linear(784, 30)], last=nn.Linear(30, 10)),
        metrics=accuracy)

@faulty('training: parameters')
def tensor_that_is_no_parameter():
    model = Wrap(lambda self, x: self.last((x@self.w).relu()), w=init_params((784,30), 0.05), last=nn.Linear(30, 10))
    return dict(dls=Learner(fast_dls(*ten()), model, F.cross_entropy, lr=0.02, metrics=accuracy))

@faulty('training: parameters')
def weights_that_are_no_leaf():
    w,b = init_params((784,1))*0.01,init_params(1)
    return dict(dls=torch_dls(*two()), model=lambda xb: xb@w + b, params=[w,b], loss_func=mnist_loss,
        metrics=batch_accuracy)

@faulty('training: parameters')
def all_frozen(): return ten_columns(torch_dls(*ten()), net().requires_grad_(False), metrics=accuracy)

@faulty('training: parameters')
def optimizer_for_a_function():
    model = net()
    return ten_columns(torch_dls(*ten()), model, opt_func=torch.optim.SGD(model.parameters(), lr=0.1),
        metrics=accuracy)

@faulty('training: parameters')
def parameters_of_another_model(): return ten_columns(torch_dls(*ten()), params=list(net().parameters()), lr=0.1)

@faulty('training: parameters')
def parameters_of_the_last_layer_only():
    model = net()
    return ten_columns(list_dls(*ten()), model, params=list(model[-1].parameters()), metrics=accuracy)


# training: gradients

@faulty('training: gradients')
def layer_that_is_not_used():
    model = Wrap(lambda self, x: self.b(self.a(x).relu()), a=nn.Linear(784, 30), forgotten=nn.Linear(30, 30),
        b=nn.Linear(30, 10))
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy)

def body_and_head(f):
    return Wrap(lambda self, x: self.head(f(self.body(x))), body=nn.Sequential(nn.Linear(784, 30), nn.ReLU()),
        head=nn.Linear(30, 10))

@faulty('training: gradients')
def detached_inside(): return ten_columns(torch_dls(*ten()), body_and_head(torch.detach), metrics=accuracy)

@faulty('training: gradients')
def body_without_grad():
    def forward(self, x):
        with torch.no_grad(): h = self.body(x)
        return self.head(h)
    return dict(dls=BasicLearner(fast_dls(*two()), Wrap(forward, body=nn.Linear(784, 30), head=nn.Linear(30, 1)),
        mnist_loss, lr=5.))

@faulty('training: gradients')
def units_that_are_dead():
    model = net()
    nn.init.constant_(model[0].bias, -1000.)
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy)

@faulty('training: gradients')
def all_weights_nought():
    model = net()
    for p in model.parameters(): nn.init.zeros_(p)
    return ten_columns(fast_dls(*ten()), model)


# training: zero_grad

def no_zero(opt_func):
    "A class like `opt_func` whose `zero_grad` does nothing"
    return type('NoZero', (opt_func,), dict(zero_grad=lambda self, *args, **kwargs: None))

@faulty('training: zero_grad')
def step_without_zeroing():
    params,model = linear(10)
    def step(xb, yb):
        cross_entropy(model(xb), yb).backward()
        with torch.no_grad():
            for p in params: p -= 0.05*p.grad
    return dict(dls=fast_dls(*ten()), model=model, params=params, loss_func=cross_entropy, metrics=accuracy,
        step=step)

@faulty('training: zero_grad')
def zero_grad_that_does_nothing():
    return by_hand(two(), loss_func=mnist_loss, opt_func=no_zero(BasicOptim), lr=0.1, metrics=batch_accuracy)

@faulty('training: zero_grad')
def step_over_a_generator_of_parameters():
    model = net()
    params = model.parameters()
    def step(xb, yb):
        F.cross_entropy(model(xb), yb).backward()
        with torch.no_grad():
            for p in params:
                p -= 0.1*p.grad
                p.grad = None
    return ten_columns(torch_dls(*ten()), model, step=step)

class KeepsGenerator(BasicOptim):
    def __init__(self, params, lr): self.params,self.lr = params,lr

@faulty('training: zero_grad')
def optimizer_that_keeps_a_generator():
    return dict(dls=BasicLearner(fast_dls(*two()), simple_net(), mnist_loss, KeepsGenerator, lr=0.5))


def with_step(make):
    "A network with a step of its own, which `make` returns for the model and its optimizer"
    model = net()
    return ten_columns(torch_dls(*ten()), model, step=make(model, torch.optim.SGD(model.parameters(), lr=0.1)))

@faulty('training: zero_grad')
def step_that_raises(): return with_step(lambda model, opt: lambda xb: None)

@faulty('training: zero_grad')
def step_without_opt_step():
    return with_step(lambda model, opt: lambda xb, yb: F.cross_entropy(model(xb), yb).backward())

@faulty('training: zero_grad')
def step_without_backward():
    return with_step(lambda model, opt: lambda xb, yb: (F.cross_entropy(model(xb), yb),opt.step(),opt.zero_grad()))

@faulty('training: zero_grad')
def clipping_without_zeroing():
    def make(model, opt):
        def step(xb, yb):
            F.cross_entropy(model(xb), yb).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            opt.step()
        return step
    return with_step(make)

@sound
def step_that_zeroes_first_and_clips():
    def make(model, opt):
        def step(xb, yb):
            opt.zero_grad()
            F.cross_entropy(model(xb), yb, label_smoothing=0.1).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            opt.step()
        return step
    return with_step(make)

@sound
def step_with_a_penalty_and_noise():
    def make(model, opt):
        def step(xb, yb):
            opt.zero_grad()
            (F.cross_entropy(model(xb+0.1*torch.randn_like(xb)),
                yb) + 1e-2*sum(p.square().sum() for p in model.parameters())).backward()
            opt.step()
        return step
    return with_step(make)


# training: overfit

@faulty('training: overfit')
def relu_after_the_last_layer():
    return dict(dls=torch_dls(*two(floats)), model=net(nn.ReLU(), n_out=1), loss_func=nn.BCEWithLogitsLoss())

@faulty('training: overfit')
def noise_for_the_input():
    return ten_columns(torch_dls(*ten()), Wrap(lambda self, x: self.net(torch.randn_like(x)), net=nn.Linear(784, 10)))

@faulty('training: overfit')
def outputs_squeezed_to_a_hundredth():
    return dict(dls=fast_dls(*two(floats)), model=Wrap(lambda self, x: 0.01*self.net(x).tanh(), net=simple_net()),
        loss_func=F.binary_cross_entropy_with_logits)

@faulty('training: overfit')
def line_through_xor(): return dict(dls=torch_dls(*toy(xor)), model=nn.Linear(2, 1), loss_func=nn.BCEWithLogitsLoss())

@faulty('training: overfit')
def mean_of_the_batch_for_the_input():
    params,model = linear(10)
    return dict(dls=list_dls(*ten()), model=lambda xb: model(xb.mean(0).expand(len(xb), -1)), params=params,
        loss_func=F.cross_entropy)


@faulty('training: overfit')
def lstm_along_the_batch():
    model = Wrap(lambda self, x: self.last(self.rnn(x.view(-1, 28, 28))[0][:,-1]), rnn=nn.LSTM(28, 16),
        last=nn.Linear(16, 10))
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy)

@faulty('training: overfit')
def dropout_that_never_ends():
    return ten_columns(torch_dls(*ten()), Wrap(lambda self, x: self.net(F.dropout(x, 0.5)), net=net()))


# training: learning rate

@faulty('training: learning rate')
def rate_of_a_hundred(): return ten_columns(torch_dls(*ten()), lr=100., metrics=accuracy)

@faulty('training: learning rate')
def rate_too_high_for_momentum():
    return dict(dls=Learner(fast_dls(*ten()), net(), F.cross_entropy, opt_func=partial(SGD, mom=0.9), lr=5.))

@faulty('training: learning rate')
def rate_below_nought():
    return by_hand(two(), loss_func=mnist_loss, metrics=batch_accuracy, opt_func=BasicOptim, lr=-1.)

@faulty('training: learning rate')
def step_uphill():
    params,model = linear(10)
    def step(xb, yb):
        cross_entropy(model(xb), yb).backward()
        with torch.no_grad():
            for p in params:
                p += 0.5*p.grad
                p.grad = None
    return dict(dls=fast_dls(*ten()), model=model, params=params, loss_func=cross_entropy, step=step, lr=0.5)

@faulty('training: learning rate')
def rate_of_a_ten_thousandth(): return ten_columns(torch_dls(*ten()), lr=1e-4, metrics=accuracy)

# Sound: optimizers, learning rates and steps

@sound
def sgd_with_momentum():
    return ten_columns(torch_dls(*ten()), opt_func=partial(torch.optim.SGD, momentum=0.9), lr=0.02, metrics=accuracy)

@sound
def sgd_with_weight_decay():
    return ten_columns(list_dls(*ten()), opt_func=partial(SGD, mom=0.9, wd=0.01), lr=0.03, metrics=accuracy)

@sound
def adam_of_fastai(): return ten_columns(fast_dls(*ten()), opt_func=Adam, lr=0.001, metrics=accuracy)

@sound
def rmsprop_of_torch():
    return one_column(torch_dls(*two()), opt_func=torch.optim.RMSprop, lr=0.001, metrics=batch_accuracy)

@sound
def high_but_bearable_rate():
    return by_hand(ten(), 10, loss_func=cross_entropy, metrics=accuracy, lr=0.7, dls=get_dls)

@sound
def low_but_useful_rate(): return ten_columns(torch_dls(*ten()), nn.Linear(784, 10), metrics=accuracy, lr=0.03)

@sound
def params_from_a_generator():
    model = net()
    return ten_columns(torch_dls(*ten()), model, params=model.parameters(), lr=0.1, metrics=accuracy)

@sound
def step_by_hand():
    params,model = linear(10)
    def step(xb, yb):
        cross_entropy(model(xb), yb).backward()
        with torch.no_grad():
            for p in params:
                p -= 0.5*p.grad
                p.grad.zero_()
    return dict(dls=get_dls(*ten()), model=model, params=params, loss_func=cross_entropy, metrics=accuracy, step=step,
        lr=0.5)

@sound
def step_with_an_optimizer():
    model = simple_net()
    opt = torch.optim.SGD(model.parameters(), lr=0.5)
    def step(xb, yb):
        opt.zero_grad()
        mnist_loss(model(xb), yb).backward()
        opt.step()
    return one_column(torch_dls(*two())) | dict(model=model, step=step, metrics=batch_accuracy)


# Sound: trained already

@sound
def trained_net():
    return ten_columns(torch_dls(*ten()), fitted(net(), ten()[0], F.cross_entropy), metrics=accuracy,
        opt_func=torch.optim.Adam, lr=0.001)

@sound
def trained_column():
    model = fitted(simple_net(), two()[0], mnist_loss)
    return dict(dls=fast_dls(*two()), model=model, loss_func=mnist_loss, metrics=batch_accuracy, lr=0.5)

@sound
def trained_function():
    params,model = linear(10)
    for _ in range(3):
        for xb,yb in batches(ten()[0]):
            cross_entropy(model(xb), yb).backward()
            with torch.no_grad():
                for p in params:
                    p -= 0.2*p.grad
                    p.grad = None
    return dict(dls=list_dls(*ten()), model=model, params=params, loss_func=cross_entropy, metrics=accuracy, lr=0.2)

@sound
def learner_after_a_fit():
    learn = BasicLearner(fast_dls(*two()), simple_net(), mnist_loss, lr=0.5, metrics=batch_accuracy)
    learn.fit(2)
    return dict(dls=learn)


# training: steps that go elsewhere, units that are one

def by_hand_step(update, model=None, loss_func=F.cross_entropy, dls=None, **kw):
    "A network with a step of its own: `update(p, i)` for each parameter with a gradient, then all are cleared"
    model = model or net()
    def step(xb, yb):
        loss_func(model(xb), yb).backward()
        with torch.no_grad():
            for i,p in enumerate(model.parameters()):
                update(p, i)
                p.grad = None
    return ten_columns(dls or torch_dls(*ten()), model, loss_func, step=step, metrics=kw.pop('metrics', accuracy),
        **kw)

@faulty('training: learning rate', says='along the weights')
def step_along_the_weights(): return by_hand_step(lambda p,i: p.sub_(0.1*p))

@faulty('training: learning rate', says='uphill')
def small_step_uphill(): return by_hand_step(lambda p,i: p.add_(0.01*p.grad))

@faulty('training: learning rate', says='uphill')
def step_uphill_on_a_bounded_loss():
    return by_hand_step(lambda p,i: p.add_(0.5*p.grad), simple_net(), mnist_loss, fast_dls(*two()),
        metrics=batch_accuracy)

class Uphill(BasicOptim):
    def step(self):
        with torch.no_grad():
            for p in self.params: p += self.lr*p.grad

@faulty('training: learning rate', says='uphill')
def optimizer_that_climbs(): return ten_columns(torch_dls(*ten()), opt_func=Uphill, lr=0.01, metrics=accuracy)

@faulty('training: zero_grad', says='place of your own')
def buffers_that_are_their_own_zeros():
    model = net()
    zeros = [torch.zeros_like(p) for p in model.parameters()]
    def step(xb, yb):
        sums = zeros
        grads = torch.autograd.grad(F.cross_entropy(model(xb), yb), list(model.parameters()))
        for s,g in zip(sums, grads): s += g
        with torch.no_grad():
            for p,s in zip(model.parameters(), sums): p -= 0.01*s
    return ten_columns(torch_dls(*ten()), model, step=step, metrics=accuracy)

class AddsUp(BasicOptim):
    def step(self):
        self.sums = getattr(self, 'sums', [0.]*len(self.params))
        self.sums = [s+p.grad for s,p in zip(self.sums, self.params)]
        with torch.no_grad():
            for p,s in zip(self.params, self.sums): p -= self.lr*s

@faulty('training: zero_grad', says='place of your own')
def optimizer_that_keeps_all_gradients(): return ten_columns(torch_dls(*ten()), opt_func=AddsUp, lr=0.01)

def scheduled(make):
    "A step with a schedule, which `make` returns for an optimizer"
    def both(model, opt):
        sched = make(opt)
        def step(xb, yb):
            opt.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            opt.step()
            sched.step()
        return step
    kw = with_step(both)
    return kw | dict(dls=torch_dls(*ten(n=2000), bs=20))

S = torch.optim.lr_scheduler

@faulty('training: learning rate', says='fade')
def steps_by_epochs_once_a_batch(): return scheduled(lambda opt: S.StepLR(opt, 5, 0.1))

@faulty('training: learning rate', says='fade')
def decay_by_epochs_once_a_batch(): return scheduled(lambda opt: S.ExponentialLR(opt, 0.8))

@faulty('training: learning rate', says='fade')
def rate_of_one_s_own_that_vanishes():
    model,rate = net(),[0.1]
    def step(xb, yb):
        F.cross_entropy(model(xb), yb).backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= rate[0]*p.grad
                p.grad = None
        rate[0] *= 0.8
    return ten_columns(torch_dls(*ten(n=2000), bs=20), model, step=step)

@faulty('training: gradients', says='share one weight vector')
def hidden_units_that_are_all_the_same():
    model = net()
    for p in model.parameters(): nn.init.constant_(p, 0.01)
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy, lr=0.1)

@faulty('training: gradients', says='share one weight vector')
def hidden_units_by_hand_that_are_all_the_same():
    ps = [torch.full(o, 0.01).requires_grad_() for o in ((784,30),(30,),(30,10),(10,))]
    def model(xb): return linear1(linear1(xb, *ps[:2]).relu(), *ps[2:])
    return dict(dls=list_dls(*ten()), model=model, params=ps, loss_func=F.cross_entropy, metrics=accuracy, lr=0.1)

@faulty('training: parameters', says='multiplies')
def bias_that_multiplies():
    w,b = init_params((784,1), 0.01),init_params(1)
    return dict(dls=fast_dls(*two()), model=lambda xb: xb@w*b, params=[w,b], loss_func=mnist_loss, lr=1.)

@faulty('training: parameters', says="'b' .* multiplies")
def bias_of_a_module_that_multiplies():
    model = Wrap(lambda self, x: x@self.w*self.b, w=nn.Parameter(torch.randn(784, 10)*0.01),
        b=nn.Parameter(torch.ones(10)))
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy, lr=0.1)

@faulty('training: learning rate', says='which batches follow')
def step_on_the_batch_that_came_first():
    model,seen = net(),[]
    opt = torch.optim.SGD(model.parameters(), 0.1)
    def step(xb, yb):
        seen.append((xb,yb))
        F.cross_entropy(model(seen[0][0]), seen[0][1]).backward()
        opt.step()
        opt.zero_grad()
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy, step=step)

def constant(model, v):
    "The model with all weights the same, and without biases"
    for p in model.parameters(): nn.init.constant_(p, v if p.dim()>1 else 0)
    return model

@faulty('training: gradients', says='share one weight vector')
def ten_classes_from_units_that_are_the_same():
    return ten_columns(torch_dls(*ten()), constant(net(), 0.02), metrics=accuracy)

@faulty('training: gradients', says='share one weight vector')
def one_score_from_units_that_are_the_same(): return ten_columns(torch_dls(*two(floats)), constant(net(n_out=1), 0.02),
    F.binary_cross_entropy_with_logits, metrics=batch_accuracy)

@faulty('training: overfit', says='single number')
def ten_classes_from_one_hidden_unit(): return ten_columns(torch_dls(*ten()), net(nh=1), metrics=accuracy)

@faulty('training: overfit', says='ReLU')
def relu_behind_a_single_score():
    return one_column(torch_dls(*two())) | dict(model=net(nn.ReLU(), n_out=1), metrics=batch_accuracy)

@faulty('training: overfit', says='ReLU')
def relu_at_the_end_of_a_conv_net():
    def block(a, b): return [nn.Conv2d(a, b, 3, stride=2, padding=1),nn.ReLU()]
    model = nn.Sequential(*block(1, 4), *block(4, 8), *block(8, 16), *block(16, 32), *block(32, 2), nn.Flatten())
    return dict(dls=Learner(typed_dls(), model, CrossEntropyLossFlat(), lr=0.01, metrics=fastai_accuracy))

def typed_dls():
    "Loaders that give fastai's own types"
    def typed(b): return TensorImageBW(b[0]),TensorCategory(b[1])
    train,valid = (list(zip(*o)) for o in two(flat, images))
    return DataLoaders(*(DataLoader(o, bs=64, shuffle=o is train, after_batch=typed) for o in (train,valid)))

@faulty('training: learning rate', says='diverges')
def rate_of_three_hundred_for_typed_images():
    return dict(dls=Learner(typed_dls(), conv_net(n_out=2), F.cross_entropy, opt_func=SGD, lr=300.,
        metrics=fastai_accuracy))

@sound
def typed_images_and_plain_cross_entropy():
    return dict(dls=Learner(typed_dls(), conv_net(n_out=2), F.cross_entropy, lr=0.01, metrics=fastai_accuracy))

@sound
def gradients_of_four_batches_for_a_step():
    def make(model, opt):
        seen = [0]
        def step(xb, yb):
            (F.cross_entropy(model(xb), yb)/4).backward()
            seen[0] += 1
            if seen[0]%4==0:
                opt.step()
                opt.zero_grad()
        return step
    return with_step(make)

@sound
def cosine_over_five_epochs(): return scheduled(lambda opt: S.CosineAnnealingLR(opt, 500))

@sound
def one_cycle_in_an_epoch(): return scheduled(lambda opt: S.OneCycleLR(opt, 0.2, total_steps=100))

@sound
def momentum_by_hand():
    velocity = {}
    def update(p, i):
        velocity[i] = 0.9*velocity.get(i, 0.)+p.grad
        p.sub_(0.02*velocity[i])
    return by_hand_step(update)

@sound
def adam_by_hand():
    m,v,n = {},{},Counter()
    def update(p, i):
        n[i] += 1
        m[i] = 0.9*m.get(i, 0.)+0.1*p.grad
        v[i] = 0.99*v.get(i, 0.)+0.01*p.grad**2
        p.sub_(0.003*(m[i]/(1-0.9**n[i]))/((v[i]/(1-0.99**n[i])).sqrt()+1e-8))
    return by_hand_step(update)

@sound
def signs_of_gradients(): return by_hand_step(lambda p,i: p.sub_(0.001*p.grad.sign()))

@sound
def steps_of_one_length(): return by_hand_step(lambda p,i: p.sub_(0.05*p.grad/p.grad.norm().clamp(min=1e-8)))

@sound
def nesterov(): return ten_columns(torch_dls(*ten()), lr=0.02, metrics=accuracy,
    opt_func=partial(torch.optim.SGD, momentum=0.95, nesterov=True))

@sound
def adagrad(): return ten_columns(list_dls(*ten()), opt_func=torch.optim.Adagrad, lr=0.01, metrics=accuracy)


@pytest.mark.parametrize('name', faulty_in(__name__))
def test_fault_is_named_and_no_other(name): assert_named(name)

@pytest.mark.parametrize('name', sound_in(__name__))
def test_nothing_is_said_of_a_sound_setup(name): assert_sound(name)
