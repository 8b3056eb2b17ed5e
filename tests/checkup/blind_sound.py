"""Sound but unusual training set-ups, by somebody who had not read `check_setup`: each trains

`reaches` is an accuracy on the validation set that the set-up must get to in `epochs`, which a slow test asks for."""
import copy
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

from .blind_setups import (N_TRAIN,above_half,back,clear,hits,hot,images,move,picture_learner,small_conv,sound,ten,
    tens,two,twos)
from mnist_course.convnet import conv_net,random_shift
from mnist_course.cross_entropy import accuracy,cross_entropy,log_softmax,nll_loss
from mnist_course.learner import BasicLearner,get_dls,simple_net
from mnist_course.loss_functions import linear1,mnist_loss
from mnist_course.manual_sgd import TensorDataLoader,batch_accuracy

BATCHES = -(-N_TRAIN//64) # in an epoch

# Losses

@sound(0.75, 'loss_func', lr=0.5)
def squares_of_scores_and_one_hot(p, y): return F.mse_loss(p, hot(y))

@sound(0.75, 'loss_func', lr=0.05)
def squares_summed_over_the_columns(p, y): return ((p-hot(y))**2).sum(1).mean()

@sound(0.75, 'loss_func', lr=0.05)
def squares_against_plus_and_minus_one(p, y): return ((p-(2*hot(y)-1))**2).sum(1).mean()

@sound(0.75, 'loss_func', lr=1.)
def multi_margin(p, y): return F.multi_margin_loss(p, y)

@sound(0.75, 'loss_func', lr=0.05)
def hinge_of_all_columns_by_hand(p, y):
    right = p.gather(1, y[:,None])
    return ((1+p-right).clamp_min(0)*(1-hot(y))).sum(1).mean()

@sound(0.75, 'loss_func', lr=0.2)
def hinge_of_the_best_wrong_column(p, y):
    wrong = p.masked_fill(hot(y).bool(), -1e9).max(1).values
    return F.relu(1+wrong-p.gather(1, y[:,None])[:,0]).mean()

@sound(0.75)
def tanh_with_squares():
    net = nn.Sequential(nn.Linear(784, 30), nn.Tanh(), nn.Linear(30, 10), nn.Tanh())
    return ten(model=net, loss_func=lambda p, y: ((p-(2*hot(y)-1))**2).mean(), lr=0.5)

@sound(0.75, 'loss_func', lr=2.)
def binary_cross_entropy_for_each_column(p, y): return F.binary_cross_entropy_with_logits(p, hot(y))

@sound(0.75)
def sigmoids_and_binary_cross_entropy():
    net = nn.Sequential(simple_net(30, 10), nn.Sigmoid())
    return ten(model=net, loss_func=lambda p, y: F.binary_cross_entropy(p, hot(y)), lr=2.)

@sound(0.7, epochs=6)
def sigmoids_and_squares():
    "As in Michael Nielsen's book"
    net = nn.Sequential(nn.Linear(784, 30), nn.Sigmoid(), nn.Linear(30, 10), nn.Sigmoid())
    return ten(model=net, loss_func=lambda p, y: ((p-hot(y))**2).sum(1).mean()/2, lr=3., bs=10)

@sound(0.75)
def label_smoothing(): return ten(loss_func=nn.CrossEntropyLoss(label_smoothing=0.1))

@sound(0.75)
def label_smoothing_of_fastai():
    from fastai.losses import LabelSmoothingCrossEntropy
    return ten(loss_func=LabelSmoothingCrossEntropy())

@sound(0.75)
def focal_loss_of_fastai():
    from fastai.losses import FocalLossFlat
    return ten(loss_func=FocalLossFlat(gamma=2.))

@sound(0.75, 'loss_func')
def focal_loss_by_hand(p, y):
    logs = F.log_softmax(p, 1).gather(1, y[:,None])
    return -((1-logs.exp())**1.5*logs).mean()

@sound(0.75)
def weights_for_the_classes(): return ten(loss_func=nn.CrossEntropyLoss(weight=torch.linspace(0.5, 1.5, 10)))

@sound(0.75)
def log_softmax_layer_and_nll():
    return ten(model=nn.Sequential(simple_net(30, 10), nn.LogSoftmax(dim=1)), loss_func=nn.NLLLoss())

@sound(0.75, 'loss_func')
def log_softmax_and_nll_of_the_course(p, y): return nll_loss(log_softmax(p), y)

@sound(0.75)
def log_softmax_twice():
    "The second one changes nothing"
    return ten(model=nn.Sequential(simple_net(30, 10), nn.LogSoftmax(dim=-1)), loss_func=F.cross_entropy)

@sound(0.75, 'loss_func', lr=0.1)
def scores_times_three(p, y): return F.cross_entropy(3*p, y)

@sound(0.75, 'loss_func', lr=1.)
def a_temperature_of_two(p, y): return F.cross_entropy(p/2, y)

@sound(0.75, 'loss_func')
def cross_entropy_less_some_entropy(p, y):
    logs = F.log_softmax(p, 1)
    return F.nll_loss(logs, y)+0.1*(logs.exp()*logs).sum(1).mean()

@sound(0.75, 'loss_func')
def poly_loss(p, y): return F.cross_entropy(p, y)+(1-p.softmax(1).gather(1, y[:,None])).mean()

@sound(0.75, 'loss_func')
def negative_mean_by_einsum(p, y): return -torch.einsum('nk,nk->n', F.log_softmax(p, -1), hot(y)).mean()

@sound(0.75, 'loss_func')
def sum_divided_by_the_batch(p, y): return F.cross_entropy(p, y, reduction='sum')/p.shape[0]

@sound(0.75)
def weight_decay_in_the_loss():
    net = simple_net(30, 10)
    def loss(p, y): return F.cross_entropy(p, y)+1e-3*sum((o**2).sum() for o in net.parameters())
    return ten(model=net, loss_func=loss)

@sound(0.7, epochs=6)
def softmax_and_squares():
    def loss(p, y): return ((p-hot(y))**2).sum(1).mean()
    return ten(model=nn.Sequential(simple_net(30, 10), nn.Softmax(dim=1)), loss_func=loss, lr=2.)

@sound(0.75, 'loss_func')
def largest_score_taken_off_in_place(p, y):
    p -= p.max(1, keepdim=True).values.detach()
    return (p.exp().sum(1).log()-p[torch.arange(len(y)),y]).mean()

@sound(0.75, 'loss_func')
def temperature_in_place(p, y): return F.cross_entropy(p.mul_(0.9), y)

@sound(0.75, 'loss_func')
def in_place_on_its_own_copy(p, y):
    q = p-p.max(1, keepdim=True).values.detach()
    q -= q.exp().sum(1, keepdim=True).log()
    return -q[range(len(y)),y].mean()

@sound(0.75)
def one_hot_labels_from_the_loader():
    (x,y),(vx,vy) = tens()
    return ten((x,hot(y)), (vx,hot(vy)), loss_func=F.cross_entropy, metrics=lambda p, y: hits(p, y.argmax(1)))

@sound(0.75)
def labels_in_a_column_squeezed():
    (x,y),(vx,vy) = tens()
    return ten((x,y[:,None]), (vx,vy[:,None]), loss_func=lambda p, y: F.cross_entropy(p, y.squeeze(1)),
        metrics=lambda p, y: hits(p, y.squeeze(1)))

@sound(0.75)
def distances_where_less_is_better():
    "An energy for each digit: the answer is where it is least"
    net = nn.Sequential(simple_net(30, 10), nn.Softplus())
    def nearest(p, y): return (p.argmin(1)==y).float().mean()
    return ten(model=net, loss_func=lambda p, y: F.cross_entropy(-p, y), metrics=nearest)

# Two digits

@sound(0.93, 'loss_func', two)
def softplus_of_signed_scores(p, y): return F.softplus(-(2*y-1)*p).mean()

@sound(0.93, 'loss_func', two, lr=0.1)
def hinge(p, y): return F.relu(1-(2*y-1)*p).mean()

@sound(0.93, 'loss_func', two, lr=0.05)
def hinge_squared(p, y): return (1-(2*y-1)*p).clamp_min(0).square().mean()

@sound(0.93)
def least_squares_on_0_and_1(): return two(loss_func=lambda p, y: ((p-y)**2).mean(), metrics=above_half, lr=0.05)

@sound(0.93, 'loss_func', two, lr=0.05)
def least_squares_on_signs(p, y): return ((p-(2*y-1))**2).mean()

@sound(0.93)
def labels_of_plus_and_minus_one():
    (x,y),(vx,vy) = twos()
    return two((x,2*y-1), (vx,2*vy-1), loss_func=lambda p, y: F.relu(1-y*p).mean(), lr=0.1,
        metrics=lambda p, y: (p.sign()==y).float().mean())

@sound(0.93)
def two_columns():
    (x,y),(vx,vy) = twos()
    return ten((x,y[:,0]), (vx,vy[:,0]), model=simple_net(30, 2))

@sound(0.93, 'loss_func', two, lr=0.5)
def logits_and_a_weight_for_3s(p, y):
    return F.binary_cross_entropy_with_logits(p, y.float(), pos_weight=torch.tensor(2.))

@sound(0.93)
def sigmoid_and_bce():
    (x,y),(vx,vy) = twos()
    model = nn.Sequential(simple_net(), nn.Sigmoid())
    return two((x,y.float()), (vx,vy.float()), model=model, loss_func=nn.BCELoss(), metrics=above_half)

@sound(0.93, 'loss_func', two)
def huber_of_a_sigmoid(p, y): return F.smooth_l1_loss(p.sigmoid(), y.float(), beta=0.1)

@sound(0.93)
def predictions_and_labels_without_a_column():
    (x,y),(vx,vy) = twos()
    return two((x,y[:,0]), (vx,vy[:,0]), model=nn.Sequential(simple_net(), nn.Flatten(0)))

@sound(0.93)
def labels_as_booleans():
    (x,y),(vx,vy) = twos()
    return two((x,y==1), (vx,vy==1), loss_func=lambda p, y: torch.where(y, 1-p.sigmoid(), p.sigmoid()).mean(),
        metrics=lambda p, y: ((p>0)==y).float().mean())

@sound(0.93)
def parameters_by_hand():
    params = [(torch.randn(784, 1)*0.01).requires_grad_(),torch.zeros(1, requires_grad=True)]
    return two(model=partial(linear1, weights=params[0], bias=params[1]), params=params)

@sound(0.93)
def mostly_threes():
    x,y = twos()[0]
    keep = torch.cat([(y[:,0]==1).nonzero()[:,0],(y[:,0]==0).nonzero()[:200,0]])
    return two((x[keep],y[keep]), loss_func=lambda p, y: F.binary_cross_entropy_with_logits(p, y.float()), lr=0.3)

# Metrics

@sound(0.75)
def error_rate_of_fastai():
    from fastai.metrics import error_rate
    return ten(metrics=[accuracy,error_rate])

@sound(0.75)
def loss_as_a_metric(): return ten(metrics=[hits,F.cross_entropy])

@sound(0.75)
def among_the_best_three():
    from fastai.metrics import top_k_accuracy
    return ten(metrics=[hits,partial(top_k_accuracy, k=3)])

@sound(0.75, 'metrics')
def hits_as_a_python_number(p, y): return (p.max(1).indices==y).sum().item()/len(y)

@sound(0.75, 'metrics')
def hits_by_numpy(p, y): return (p.detach().numpy().argmax(-1)==y.numpy()).mean()

@sound(0.75, 'metrics')
def hits_of_rounded_numbers(p, y): return round(p.topk(1).indices[:,0].eq(y).double().mean().item(), 4)

@sound(0.93, 'metrics', two)
def hits_that_change_the_scores(p, y):
    p[p<0] = 0.
    p[p>0] = 1.
    return (p==y).float().mean()

# Models

@sound(0.75, 'model')
def batch_norm():
    return nn.Sequential(nn.Linear(784, 30, bias=False), nn.BatchNorm1d(30), nn.ReLU(), nn.Linear(30, 10))

@sound(0.75, 'model')
def layer_norm(): return nn.Sequential(nn.Linear(784, 30), nn.LayerNorm(30), nn.GELU(), nn.Linear(30, 10))

@sound(0.75, 'model')
def dropout():
    return nn.Sequential(nn.Dropout(0.1), nn.Linear(784, 100), nn.ReLU(), nn.Dropout(0.5), nn.Linear(100, 10))

@sound(0.75, 'model')
def only_a_linear_layer(): return nn.Linear(784, 10)

@sound(0.75, 'model')
def without_biases():
    return nn.Sequential(nn.Linear(784, 30, bias=False), nn.LeakyReLU(0.1), nn.Linear(30, 10, bias=False))

@sound(0.6, 'model', epochs=8, lr=0.2)
def four_hidden_units(): return simple_net(4, 10)

@sound(0.75, 'model', epochs=6, lr=0.5)
def random_features():
    "The hidden layer stays as it is drawn; only the head is trained"
    net = simple_net(200, 10)
    net[0].requires_grad_(False)
    return net

@sound(0.75, 'model', lr=0.1)
def weights_used_twice():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.w,self.head = nn.Parameter(torch.randn(30, 784)*0.05),nn.Linear(784, 10)
        def forward(self, x): return self.head(F.relu(x@self.w.t())@self.w)
    return Tied()

@sound(0.75, 'model', lr=0.1)
def residual():
    class Plus(nn.Module):
        def __init__(self, f):
            super().__init__()
            self.f = f
        def forward(self, x): return x+self.f(x)
    block = Plus(nn.Sequential(nn.ReLU(), nn.Linear(40, 40)))
    return nn.Sequential(nn.Linear(784, 40), block, nn.ReLU(), nn.Linear(40, 10))

@sound(0.7, 'model', epochs=6, lr=1.)
def distance_from_prototypes():
    class Prototypes(nn.Module):
        def __init__(self):
            super().__init__()
            x,y = tens()[0]
            self.at = nn.Parameter(torch.stack([x[y==d][0] for d in range(10)]))
        def forward(self, x): return -((x[:,None]-self.at)**2).sum(2)/20
    return Prototypes()

@sound(0.75, 'model', lr=0.5)
def cosines():
    class Cosine(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.randn(10, 784)*0.05)
        def forward(self, x): return 10*F.normalize(x, dim=1)@F.normalize(self.w, dim=1).t()
    return Cosine()

@sound(0.75, 'model')
def layers_that_found_their_size():
    net = nn.Sequential(nn.LazyLinear(30), nn.ReLU(), nn.LazyLinear(10))
    net(torch.zeros(1, 784))
    return net

@sound(0.6, 'model', epochs=6, lr=0.01, opt_func=torch.optim.Adam)
def lstm_over_the_lines():
    class Lines(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm,self.head = nn.LSTM(28, 32, batch_first=True),nn.Linear(32, 10)
        def forward(self, x): return self.head(self.lstm(x.view(-1, 28, 28))[0][:,-1])
    return Lines()

@sound(0.6, 'model', images, epochs=5, lr=0.1)
def convnet_of_the_course(): return conv_net((4,8), 20, norm=True)

@sound(0.6, 'model', images, epochs=6, lr=0.02, opt_func=torch.optim.Adam)
def only_convolutions():
    convs = nn.Conv2d(1, 16, 5, stride=2, padding=2),nn.BatchNorm2d(16),nn.ReLU(),nn.Conv2d(16, 16, 3, stride=2)
    return nn.Sequential(*convs, nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 10, 6), nn.Flatten())

@sound(0.6, epochs=6)
def three_channels():
    train,valid = ((x[:2000].view(-1, 1, 28, 28).repeat(1, 3, 1, 1),y[:2000]) for x,y in tens())
    net = small_conv()
    net[0] = nn.Conv2d(3, 8, 5, stride=2, padding=2)
    return ten(train, valid, model=net, opt_func=torch.optim.Adam, lr=0.01)

@sound(0.75)
def bytes_that_the_model_scales():
    class Scaled(nn.Sequential):
        def forward(self, x): return super().forward(x.float()/255)
    (x,y),(vx,vy) = tens()
    return ten(((x*255).byte(),y), ((vx*255).byte(),vy), model=Scaled(*simple_net(30, 10)))

@sound(0.75)
def grey_levels_into_batch_norm():
    (x,y),(vx,vy) = tens()
    return ten((x*255,y), (vx*255,vy), model=nn.Sequential(nn.BatchNorm1d(784), *simple_net(30, 10)), lr=0.1)

@sound(0.75)
def double_precision():
    (x,y),(vx,vy) = tens()
    return ten((x.double(),y), (vx.double(),vy), model=simple_net(30, 10).double())

@sound(0.7)
def half_of_the_bits():
    (x,y),(vx,vy) = tens()
    return ten((x.bfloat16(),y), (vx.bfloat16(),vy), model=simple_net(30, 10).bfloat16())

@sound(0.75, 'model')
def model_as_a_function_of_two_models():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.a,self.b = nn.Linear(784, 10),simple_net(20, 10)
        def forward(self, x): return (self.a(x)+self.b(x))/2
    return Two()

# Data

@sound(0.75)
def standardized():
    (x,y),(vx,vy) = tens()
    return ten(((x-0.1307)/0.3081,y), ((vx-0.1307)/0.3081,vy), lr=0.05)

@sound(0.75)
def from_minus_one_to_one():
    (x,y),(vx,vy) = tens()
    return ten((2*x-1,y), (2*vx-1,vy), lr=0.05)

@sound(0.75)
def each_image_standardized():
    train,valid = (((x-x.mean(1, keepdim=True))/x.std(1, keepdim=True),y) for x,y in tens())
    return ten(train, valid, lr=0.05)

@sound(0.75, epochs=5)
def black_on_white():
    (x,y),(vx,vy) = tens()
    return ten((1-x,y), (1-vx,vy), opt_func=torch.optim.Adam, lr=2e-3)

@sound(0.75)
def each_batch_sorted():
    "Sorted within the batch, which holds all digits"
    x,y = tens()[0]
    batches = [(xb[yb.argsort()],yb.sort().values) for xb,yb in zip(x.split(100), y.split(100))]
    return ten(dls=(batches,TensorDataLoader(tens()[1], bs=100)))

@sound(0.75, 'dls')
def lists_of_batches_in_a_mixed_order(): return [list(zip(*(o.split(64) for o in xy))) for xy in tens()]

@sound(0.75, 'dls')
def loaders_of_pytorch():
    from torch.utils.data import DataLoader,TensorDataset
    train,valid = (TensorDataset(*xy) for xy in tens())
    return DataLoader(train, batch_size=64, shuffle=True, drop_last=True),DataLoader(valid, batch_size=500)

@sound(0.75, 'dls')
def items_drawn_with_replacement():
    from torch.utils.data import DataLoader,TensorDataset,WeightedRandomSampler
    train,valid = (TensorDataset(*xy) for xy in tens())
    sampler = WeightedRandomSampler((1/tens()[0][1].bincount())[tens()[0][1]], N_TRAIN)
    return DataLoader(train, batch_size=64, sampler=sampler),DataLoader(valid, batch_size=64)

@sound(0.75, 'dls')
def shifted_at_random_in_training():
    class Shifted:
        def __init__(self, dl): self.dl = dl
        def __len__(self): return len(self.dl)
        def __iter__(self): return ((random_shift(x.view(-1, 28, 28), 1).flatten(1),y) for x,y in self.dl)
    return Shifted(TensorDataLoader(tens()[0], bs=64, shuffle=True)),TensorDataLoader(tens()[1], bs=64)

@sound(0.5, epochs=20)
def two_hundred_images():
    (x,y),(vx,vy) = tens()
    return ten((x[:200],y[:200]), (vx[:100],vy[:100]), bs=20, lr=0.2)

@sound(0.6, epochs=20)
def one_batch_of_all(): return ten(tuple(o[:2000] for o in tens()[0]), bs=2000, lr=0.5)

@sound(0.75)
def batches_of_eight(): return ten(tuple(o[:2000] for o in tens()[0]), bs=8, lr=0.05)

@sound(0.75)
def five_digits():
    train,valid = ((x[y<5],y[y<5]) for x,y in tens())
    return ten(train, valid, model=simple_net(30, 5))

@sound(0.75)
def odd_or_even():
    train,valid = ((x,y%2) for x,y in tens())
    return ten(train, valid, model=simple_net(60, 2))

@sound(0.75, 'train')
def a_tenth_of_the_labels_drawn_anew():
    x,y = tens()[0]
    return x,torch.where(torch.rand(len(y))<0.1, torch.randint(10, y.shape), y)

@sound(0.75)
def half_the_pixels():
    (x,y),(vx,vy) = tens()
    net = nn.Sequential(nn.Linear(392, 30), nn.ReLU(), nn.Linear(30, 10))
    return ten((x[:,::2].contiguous(),y), (vx[:,::2].contiguous(),vy), model=net)

@sound(0.75)
def pixels_in_another_order():
    "The same for all images, so nothing is lost"
    i = torch.randperm(784)
    (x,y),(vx,vy) = tens()
    return ten((x[:,i],y), (vx[:,i],vy))

# Optimizers

@sound(0.75)
def adam(): return ten(opt_func=torch.optim.Adam, lr=3e-3)

@sound(0.75)
def adamw(): return ten(opt_func=partial(torch.optim.AdamW, weight_decay=0.1), lr=3e-3)

@sound(0.75)
def nesterov(): return ten(opt_func=partial(torch.optim.SGD, momentum=0.9, nesterov=True), lr=0.05)

@sound(0.75)
def rmsprop(): return ten(opt_func=torch.optim.RMSprop, lr=1e-3)

@sound(0.75)
def adagrad(): return ten(opt_func=torch.optim.Adagrad, lr=0.03)

class Lion:
    "Steps of one size, along the sign of an average of gradients"
    def __init__(self, params, lr):
        self.params,self.lr = list(params),lr
        self.avg = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p,m in zip(self.params, self.avg):
            if p.grad is None: continue
            p -= self.lr*(0.9*m+0.1*p.grad).sign()
            m.mul_(0.99).add_(p.grad, alpha=0.01)

    def zero_grad(self):
        for p in self.params: p.grad = None

@sound(0.75)
def lion(): return ten(opt_func=Lion, lr=1e-3)

# Learners

@sound(0.75, epochs=4)
def basic_learner():
    dls = get_dls(*tens(), bs=64)
    return dict(dls=BasicLearner(dls, simple_net(30, 10), cross_entropy, lr=0.3, metrics=accuracy))

@sound(0.93, epochs=4)
def basic_learner_of_two_digits():
    dls = get_dls(*twos(), bs=64)
    return dict(dls=BasicLearner(dls, nn.Linear(784, 1), mnist_loss, lr=1., metrics=[batch_accuracy]))

def learner(loss_func=F.cross_entropy, metrics=accuracy, lr=3e-3, **kwargs):
    "fastai's `Learner` for ten digits, as the whole set-up"
    from fastai.basics import Learner
    dls = get_dls(*tens(), bs=64)
    return dict(dls=Learner(dls, simple_net(30, 10), loss_func=loss_func, metrics=metrics, lr=lr, **kwargs))

@sound(0.75)
def learner_as_it_comes(): return learner()

@sound(0.75)
def learner_with_plain_steps():
    from fastai.basics import CrossEntropyLossFlat,SGD,error_rate
    return learner(CrossEntropyLossFlat(), [accuracy,error_rate], lr=0.3, opt_func=SGD)

@sound(0.75)
def learner_with_scores_over_all_batches():
    from fastai.metrics import F1Score,Perplexity
    return learner(metrics=[accuracy,F1Score(average='macro'),Perplexity()])

@sound(0.75)
def learner_with_callbacks():
    from fastai.callback.all import GradientAccumulation,GradientClip,MixUp
    from fastai.losses import CrossEntropyLossFlat
    return learner(CrossEntropyLossFlat(), lr=5e-3, cbs=[MixUp(0.2),GradientClip(1.),GradientAccumulation(128)])

@sound(0.75)
def learner_with_an_optimizer_of_pytorch():
    from fastai.optimizer import OptimWrapper
    return learner(opt_func=partial(OptimWrapper, opt=torch.optim.AdamW))

@sound(0.93)
def learner_for_a_column():
    from fastai.basics import BCEWithLogitsLossFlat,Learner
    dls = get_dls(*twos(), bs=64)
    return dict(dls=Learner(dls, simple_net(), loss_func=BCEWithLogitsLossFlat(), metrics=batch_accuracy, lr=3e-3))

@sound(0.4, epochs=8)
def typed_images(): return picture_learner()

@sound(0.4, epochs=8)
def typed_images_and_a_flat_loss():
    from fastai.vision.all import CrossEntropyLossFlat,accuracy,error_rate
    return picture_learner(loss_func=CrossEntropyLossFlat(), metrics=[accuracy,error_rate])

@sound(0.4, epochs=8)
def typed_images_squares_and_one_hot():
    return picture_learner(loss_func=lambda p, y: F.mse_loss(p, F.one_hot(y, 10).float()), metrics=hits)

# Steps of one's own

@sound(0.75, 'step')
def plain_step(net, state, xb, yb):
    back(net, xb, yb)
    move(net, 0.3)
    clear(net)

@sound(0.75, 'step')
def zeroed_first(net, state, xb, yb):
    if not state.n: state.opt = torch.optim.SGD(net.parameters(), 0.3)
    state.n += 1
    state.opt.zero_grad(set_to_none=False)
    back(net, xb, yb)
    state.opt.step()
    return 'done'

@sound(0.75, 'step')
def gradients_by_autograd(net, state, xb, yb):
    params = list(net.parameters())
    for p,g in zip(params, torch.autograd.grad(F.cross_entropy(net(xb), yb), params)): p.data -= 0.3*g

@sound(0.7, 'step', epochs=5)
def gradients_of_four_batches(net, state, xb, yb):
    "As large a batch as four, without the memory for it"
    state.n += 1
    (F.cross_entropy(net(xb), yb)/4).backward()
    if state.n%4==0:
        move(net, 0.5)
        clear(net)

@sound(0.75, 'step')
def mixup(net, state, xb, yb):
    i,share = torch.randperm(len(xb)),torch.distributions.Beta(0.3, 0.3).sample()
    p = net(share*xb+(1-share)*xb[i])
    (share*F.cross_entropy(p, yb)+(1-share)*F.cross_entropy(p, yb[i])).backward()
    move(net, 0.3)
    clear(net)

@sound(0.7, 'step')
def shifted_images(net, state, xb, yb):
    back(net, random_shift(xb.view(-1, 28, 28), 1).flatten(1), yb)
    move(net, 0.3)
    clear(net)

def stepped(net, state, xb, yb, lr, schedule):
    "A step by PyTorch's SGD with momentum; returns the schedule, for its own step"
    if not state.n:
        state.opt = torch.optim.SGD(net.parameters(), lr, momentum=0.5)
        state.schedule = schedule(state.opt)
    state.n += 1
    state.opt.zero_grad()
    back(net, xb, yb)
    state.opt.step()
    return state.schedule

@sound(0.75, 'step')
def schedule_per_epoch(net, state, xb, yb):
    schedule = stepped(net, state, xb, yb, 0.2, partial(torch.optim.lr_scheduler.StepLR, step_size=1, gamma=0.5))
    if state.n%BATCHES==0: schedule.step()

@sound(0.75, 'step')
def warm_up(net, state, xb, yb):
    rise = partial(torch.optim.lr_scheduler.LinearLR, start_factor=0.2, total_iters=20)
    stepped(net, state, xb, yb, 0.3, rise).step()

@sound(0.75, 'step', epochs=5)
def one_cycle(net, state, xb, yb):
    cycle = partial(torch.optim.lr_scheduler.OneCycleLR, max_lr=0.5, total_steps=BATCHES*10)
    stepped(net, state, xb, yb, 0.1, cycle).step()

@sound(0.75, 'step')
def clipped_gradients(net, state, xb, yb):
    back(net, xb, yb)
    nn.utils.clip_grad_norm_(net.parameters(), 1.)
    move(net, 0.3)
    clear(net)

@sound(0.7, 'step')
def signs_of_gradients(net, state, xb, yb):
    back(net, xb, yb)
    with torch.no_grad():
        for p in net.parameters(): p -= 1e-3*p.grad.sign()
    clear(net)

@sound(0.75, 'step')
def momentum_by_hand(net, state, xb, yb):
    back(net, xb, yb)
    if not state.n: state.v = [torch.zeros_like(p) for p in net.parameters()]
    state.n += 1
    with torch.no_grad():
        for p,v in zip(net.parameters(), state.v):
            v.mul_(0.9).add_(p.grad)
            p -= 0.03*v
    clear(net)

@sound(0.75, 'step')
def momentum_with_the_rate_inside(net, state, xb, yb):
    back(net, xb, yb)
    state.v = getattr(state, 'v', {})
    for name,p in net.named_parameters():
        state.v[name] = 0.8*state.v.get(name, 0)-0.06*p.grad
        p.data += state.v[name]
        p.grad = None

@sound(0.75, 'step')
def steps_and_some_weight_decay(net, state, xb, yb):
    back(net, xb, yb)
    with torch.no_grad():
        for p in net.parameters(): p -= 0.3*(p.grad+1e-3*p)
    clear(net)

@sound(0.75, 'step')
def an_average_of_weights_beside_it(net, state, xb, yb):
    back(net, xb, yb)
    move(net, 0.3)
    clear(net)
    if not hasattr(state, 'mean'): state.mean = copy.deepcopy(net)
    for a,p in zip(state.mean.parameters(), net.parameters()): a.data.lerp_(p.data, 0.01)

@sound(0.75, 'step')
def sharpness_aware(net, state, xb, yb):
    "The gradient is taken a little uphill of where the step begins"
    back(net, xb, yb)
    norm = sum((p.grad**2).sum() for p in net.parameters()).sqrt()
    up = [0.05*p.grad/norm for p in net.parameters()]
    clear(net)
    for p,u in zip(net.parameters(), up): p.data += u
    back(net, xb, yb)
    for p,u in zip(net.parameters(), up): p.data -= u
    move(net, 0.2)
    clear(net)

@sound(0.7, 'step')
def lbfgs(net, state, xb, yb):
    if not state.n: # without a line search it diverges on some machines, and on others it doesn't
        state.opt = torch.optim.LBFGS(net.parameters(), max_iter=4, line_search_fn='strong_wolfe')
    state.n += 1
    def closure():
        state.opt.zero_grad()
        loss = F.cross_entropy(net(xb), yb)
        loss.backward()
        return loss
    state.opt.step(closure)

@sound(0.75, 'step')
def mixed_precision(net, state, xb, yb):
    with torch.autocast('cpu', torch.bfloat16): loss = F.cross_entropy(net(xb), yb)
    loss.backward()
    move(net, 0.3)
    clear(net)

@sound(0.75, 'step')
def two_optimizers(net, state, xb, yb):
    if not state.n: state.opts = torch.optim.Adam(net[0].parameters(), 1e-3),torch.optim.SGD(net[2].parameters(), 0.2)
    state.n += 1
    for o in state.opts: o.zero_grad()
    back(net, xb, yb)
    for o in state.opts: o.step()

@sound(0.75, 'step')
def two_steps_for_each_batch(net, state, xb, yb):
    for _ in range(2):
        back(net, xb, yb)
        move(net, 0.2)
        clear(net)

@sound(0.75, 'step')
def parameters_in_another_order(net, state, xb, yb):
    back(net, xb, yb)
    for p in reversed(list(net.parameters())):
        p.data.sub_(p.grad, alpha=0.3)
        p.grad.zero_()
