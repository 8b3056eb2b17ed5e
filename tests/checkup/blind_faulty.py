"""Faulty training set-ups, by somebody who had not read `check_setup`, with words of true and of false sentences

Kinds '3', '6' and '7' are those of the issue that led to them; the rest is what learners bring to forums."""
import copy
from functools import cache,partial
from types import SimpleNamespace

import torch
from torch import nn
from torch.nn import functional as F

from .blind_setups import (N_TRAIN,above_half,back,clear,faulty,hits,hot,images,move,picture_learner,small_conv,
    ten,tens,two,twos)
from mnist_course.cross_entropy import cross_entropy
from mnist_course.learner import simple_net
from mnist_course.loss_functions import mnist_loss
from mnist_course.manual_sgd import TensorDataLoader

MISSING = r'(softmax|sigmoid) is (missing|needed|lacking)|(add|needs?) (a|the) (softmax|sigmoid)' # where it isn't
RATE = r'\brate|diverge|too (large|small|high|low)|hardly|steps?\b.*\b(large|small)'
# Where a fault lies, as the checks that would blame something else
IN_DATA,IN_METRIC,IN_STEP = r'^loss|^metric|^training',r'^loss|^data|^training',r'^loss|^metric|^data'
IN_LOSS = r'^metric|^data|' + MISSING
SIGN = r'sign\b|worse|direction|other column|uphill|climb|reversed|turned'

PAIRS_OR_SUM = r"all with all|is it a sum|use the mean" # true of a loss that broadcasts, or adds up

# Kind 3: sentences that would be wrong

DOWN = r'dim|axis|over the batch|down|other (rows|images|items|inputs|predictions)'

@faulty(DOWN, MISSING + '|' + PAIRS_OR_SUM, 'loss_func', kind='3')
def log_softmax_down_the_batch(p, y): return F.nll_loss(F.log_softmax(p, dim=0), y)

@faulty(DOWN + '|batch', MISSING + '|sure of itself', kind='3')
def softmax_down_the_batch_in_the_model():
    def loss(p, y): return -p[torch.arange(len(y)),y].log().mean()
    return ten(model=nn.Sequential(simple_net(30, 10), nn.Softmax(dim=0)), loss_func=loss)

@faulty(DOWN, MISSING + '|' + PAIRS_OR_SUM, 'loss_func', kind='3', lr=2.)
def squares_of_a_softmax_down_the_batch(p, y): return ((p.softmax(0)-hot(y))**2).sum(1).mean()

AT_THE_END = r'ReLU|negative|below 0|less than 0'

@faulty(AT_THE_END, r'sigmoid|' + MISSING, 'model', kind='3')
def relu_at_the_end(): return nn.Sequential(simple_net(30, 10), nn.ReLU())

@faulty(AT_THE_END, r'sigmoid|' + MISSING, 'model', images, kind='3')
def relu_at_the_end_of_a_convnet(): return small_conv(nn.BatchNorm1d(10), nn.ReLU())

@faulty(AT_THE_END, r"sigmoid is (missing|followed)|another|^metric", kind='3')
def relu_before_binary_cross_entropy():
    def loss(p, y): return F.binary_cross_entropy_with_logits(p, y.float())
    return two(model=nn.Sequential(simple_net(), nn.ReLU()), loss_func=loss)

@faulty(RATE, r'from 0\.50* to 0\.50*\b|^loss|^metric|^data', kind='3')
def rate_that_saturates_the_sigmoid(): return two(lr=3000.)

@faulty(r'0\.5|half|middle|threshold|between 0 and 1', MISSING + r'|^loss|threshold (is )?at 0(?!\.5)', kind='3')
def least_squares_with_the_threshold_of_scores():
    def loss(p, y): return ((p-y)**2).mean()
    return two(loss_func=loss, lr=0.02)

@faulty(SIGN, MISSING + r'|^metric', kind='3')
def tanh_and_squares_that_push_away():
    def loss(p, y): return -((p-(2*hot(y)-1))**2).mean()
    return ten(model=nn.Sequential(simple_net(30, 10), nn.Tanh()), loss_func=loss)

@faulty(SIGN, MISSING + r'|^metric', 'loss_func', two, kind='3', lr=0.05)
def hinge_with_its_sign_turned(p, y): return F.relu(1 + (2*y-1)*p).mean()

@faulty(r'overflow|exp\b|exponential|finite|inf\b|nan', r'logarithm|\blog\b|underflow', 'loss_func', kind='3', lr=2.)
def squares_of_a_softmax_that_overflows(p, y):
    probs = p.exp()/p.exp().sum(1, keepdim=True)
    return ((probs-hot(y))**2).sum(1).mean()

@faulty(SIGN + r'|column|label', MISSING + r'|^metric', 'loss_func', kind='3')
def squares_against_the_wrong_column(p, y): return ((p-hot(9-y))**2).mean()

@faulty(r'one.hot|column|number|distance|order', '^metric|on the other rows|' + MISSING + '|' + PAIRS_OR_SUM,
    'loss_func', kind='3', lr=0.01)
def squares_against_the_digit_itself(p, y): return ((p-y[:,None])**2).mean()

@faulty(r'one column|first column|column|same (answer|prediction|output)|\b1 output|outputs?\b', MISSING, kind='3')
def a_single_output_for_ten_digits_and_squares():
    def loss(p, y): return ((p-y[:,None])**2).mean()
    return ten(model=simple_net(30, 1), loss_func=loss, lr=0.01)

@faulty(r'softmax|logarithm|without end|-inf|negative', r'ReLU|sigmoid|^metric', 'loss_func', kind='3')
def nll_of_raw_scores(p, y): return F.nll_loss(p, y)

# Kind 6: faults behind what makes a check crash

@faulty(RATE, IN_STEP, kind='6')
def rate_of_300_for_typed_images(): return picture_learner(lr=300.)

@faulty(r'softmax', r'sigmoid|ReLU|^metric|' + MISSING, kind='6')
def softmax_before_cross_entropy_for_typed_images(): return picture_learner(small_conv(nn.Softmax(dim=1)))

@faulty(SIGN, IN_LOSS, kind='6')
def typed_images_and_a_turned_sign():
    def loss(p, y): return -F.cross_entropy(p, y)
    return picture_learner(loss_func=loss)

@faulty(SIGN, IN_LOSS, 'loss_func', kind='6')
def in_place_and_a_turned_sign(p, y):
    p -= p.max(1, keepdim=True).values.detach()
    return (p[torch.arange(len(y)),y]-p.exp().sum(1).log()).mean()

@faulty(RATE, IN_STEP, 'loss_func', kind='6', lr=300.)
def in_place_and_a_rate_of_300(p, y):
    p -= p.max(1, keepdim=True).values.detach()
    p -= p.exp().sum(1, keepdim=True).log()
    return -p[torch.arange(len(y)),y].mean()

@faulty(r'reverse|wrong (column|way)|turned|other|opposite', IN_METRIC, 'metrics', two, kind='6')
def in_place_and_the_other_way_round(p, y):
    p.copy_((p<0).float())
    return (p==y).float().mean()

@faulty(r'\bsum\b|mean|size of the batch|batch size|number of', IN_LOSS, 'loss_func', kind='6', lr=0.005)
def in_place_and_a_sum(p, y):
    p.sub_(p.max(1, keepdim=True)[0].detach())
    return F.cross_entropy(p, y)*len(y)

@faulty(r'gradient|tensor|backward|item|number', IN_LOSS, 'loss_func', kind='6')
def loss_as_a_plain_number(p, y): return F.cross_entropy(p, y).item()

@faulty(r'last|batch of|\bsize|shape|rows|64', IN_METRIC, 'metrics', kind='6')
def metric_for_batches_of_64_only(p, y): return (p.view(64, 10).argmax(1)==y).float().mean()

@faulty(r'last|batch of|\bsize|shape|rows|64', IN_LOSS, 'loss_func', kind='6')
def loss_for_batches_of_64_only(p, y): return -F.log_softmax(p, 1)[torch.arange(64),y].mean()

@faulty(r'sorted|shuffle|order', IN_DATA, kind='6')
def sorted_in_double_precision():
    (x,y),(vx,vy) = tens()
    i = y.argsort()
    batches = list(zip(x[i].double().split(64), y[i].split(64)))
    return ten(dls=(batches,[(vx.double(),vy)]), model=simple_net(30, 10).double())

@faulty(r'channel|shape|\(64, ?784\)|4.?D|dimension|size', r'^metric|softmax|sigmoid', 'model', kind='6')
def rows_for_a_convnet(): return small_conv()

@faulty(r'changes? (the|its) (labels|targets)|in place|labels.*chang', r'^data|' + MISSING, kind='6')
def loss_that_changes_its_labels():
    "In batches that stay, so that each epoch has other labels"
    def loss(p, y):
        res = -(F.log_softmax(p, 1)*hot(y)).sum(1).mean()
        y += 1
        y %= 10
        return res
    batches = [list(zip(x.split(64), y.clone().split(64))) for x,y in tens()]
    return ten(dls=batches, loss_func=loss)

# Kind 7: faults that passed

EXCHANGED = r'valid\w*.*(larger|more|bigger|exchang|swap)|train\w*.*(smaller|fewer|less|exchang|swap)'

@faulty(EXCHANGED, IN_DATA, kind='7')
def parts_exchanged():
    x,y = tens()[0]
    return ten((x[:800],y[:800]), (x[800:],y[800:]))

@faulty(EXCHANGED, IN_DATA, kind='7')
def parts_exchanged_of_3s_and_7s():
    train,valid = twos()
    return two(valid, train)

@faulty(r'label', r'^loss|^metric', 'train', two, kind='7')
def nearly_all_labels_inverted():
    x,y = twos()[0]
    return x,torch.where(torch.rand(y.shape)<0.95, 1-y, y)

@faulty(r'label', r'^loss|^metric', 'train', kind='7')
def labels_one_too_high(): return tens()[0][0],(tens()[0][1]+1)%10

@faulty(r'label', r'^loss|^metric', 'valid', two, kind='7')
def validation_labels_inverted(): return twos()[1][0],1-twos()[1][1]

UPHILL = SIGN + r'|rises|goes up|wrong way|with the gradient|along the gradient|adds'

@faulty(UPHILL, IN_STEP + '|schedul|divide it', 'step', kind='7')
def step_that_climbs(net, state, xb, yb):
    back(net, xb, yb)
    move(net, -0.1)
    clear(net)

@faulty(r"n't (follow|use)|weights themselves|shrink|decay|not (along|against)|direction", IN_STEP, 'step', kind='7')
def step_along_the_weights(net, state, xb, yb):
    back(net, xb, yb)
    with torch.no_grad():
        for p in net.parameters(): p -= 0.1*p
    clear(net)

HELD = r'add up|earlier|previous|sum of|old gradient|accumulat|clear|zero|fresh|repeat|again'

@faulty(HELD, IN_STEP, 'step', kind='7')
def gradients_summed_in_own_buffers(net, state, xb, yb):
    ps = list(net.parameters())
    if not hasattr(state, 'sums'): state.sums = [torch.zeros_like(p) for p in ps]
    for s,g in zip(state.sums, torch.autograd.grad(cross_entropy(net(xb), yb), ps)): s += g
    with torch.no_grad():
        for p,s in zip(ps, state.sums): p -= 0.1*s

@faulty(HELD, IN_STEP, 'step', kind='7')
def gradients_summed_in_a_dict(net, state, xb, yb):
    back(net, xb, yb)
    state.by_name = getattr(state, 'by_name', {})
    for name,p in net.named_parameters():
        state.by_name[name] = state.by_name.get(name, 0)+p.grad
        p.data = p.data-0.2*state.by_name[name]
        p.grad = None

FADES = r'schedul|fade|shrink|smaller and smaller|ever smaller|per epoch|dies|stop|falls? (to|toward)|decay'

def scheduled(net, state, xb, yb, schedule):
    "A step by PyTorch's SGD, and one of the schedule after every batch"
    if not state.n:
        state.opt = torch.optim.SGD(net.parameters(), 0.3)
        state.schedule = schedule(state.opt)
    state.n += 1
    back(net, xb, yb)
    state.opt.step()
    state.opt.zero_grad()
    state.schedule.step()

@faulty(FADES, IN_STEP + '|diverge', 'step', kind='7')
def linear_schedule_to_0_in_ten_batches(net, state, xb, yb):
    fall = partial(torch.optim.lr_scheduler.LinearLR, start_factor=1., end_factor=0., total_iters=10)
    scheduled(net, state, xb, yb, fall)

@faulty(FADES, IN_STEP + '|diverge', 'step', kind='7')
def exponential_schedule_per_batch(net, state, xb, yb):
    scheduled(net, state, xb, yb, partial(torch.optim.lr_scheduler.ExponentialLR, gamma=0.7))

@faulty(FADES, IN_STEP + '|diverge', 'step', kind='7')
def rate_divided_by_hand_after_each_batch(net, state, xb, yb):
    state.n += 1
    back(net, xb, yb)
    move(net, 0.3*0.8**state.n)
    clear(net)

SAME = r'same|share|alike|identical|equal|one (weight|hidden)|symmetr|copies'

@faulty(SAME, r'^loss: (act|dir)|^metric|^data|ReLU after', 'model', kind='7')
def hidden_units_that_all_begin_alike():
    net = simple_net(30, 10)
    nn.init.constant_(net[0].weight, 0.01)
    nn.init.constant_(net[2].weight, 0.1)
    for l in (net[0],net[2]): nn.init.zeros_(l.bias)
    return net

@faulty(SAME, r'^loss: (act|dir)|^metric|^data|ReLU after', 'model', kind='7')
def one_weight_vector_for_all_hidden_units():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.w,self.out = nn.Parameter(torch.randn(784)*0.05),nn.Linear(30, 10)
        def forward(self, x): return self.out((x@self.w)[:,None].expand(-1, 30).relu())
    return Net()

@faulty(SAME, r'^loss: (act|dir)|^metric|^data|ReLU after', 'model', kind='7')
def rows_of_the_first_layer_repeated():
    net = simple_net(30, 10)
    with torch.no_grad():
        net[0].weight.copy_(net[0].weight[:1].expand(30, -1))
        net[0].bias.fill_(0.01)
        net[2].weight.copy_(net[2].weight[:,:1].expand(-1, 30))
    return net

@faulty(r'bias|multipl', r'^loss: (act|dir)|^metric|^data', kind='7')
def bias_that_multiplies():
    w,b = (torch.randn(784, 1)*0.05).requires_grad_(),torch.ones(1, requires_grad=True)
    return two(model=lambda x: x@w*b, params=[w,b])

@faulty(r'bias|multipl', r'^loss: (act|dir)|^metric|^data', kind='7')
def ten_biases_that_multiply():
    w,b = (torch.randn(784, 10)*0.05).requires_grad_(),torch.randn(10).requires_grad_()
    return ten(model=lambda x: (x@w)*b, params=[w,b])

OTHER_IMAGES = r'transpos|turned|mirror|upright|valid\w*.*train|train\w*.*valid|differ|look'

def only_training(change):
    x,y = tens()[0]
    return change(x.view(-1, 28, 28)).reshape(-1, 784),y

@faulty(OTHER_IMAGES, IN_DATA, 'train', kind='7')
def training_images_transposed(): return only_training(lambda x: x.transpose(1, 2))

@faulty(OTHER_IMAGES, IN_DATA, 'train', kind='7')
def training_images_upside_down(): return only_training(lambda x: x.flip(1))

@faulty(OTHER_IMAGES + r'|invert|scale|mean', r'^loss|^metric', 'train', kind='7')
def training_images_black_on_white(): return only_training(lambda x: 1-x)

TWO_CLASS = r'two.class|nine|ten columns|(each|every) column|all columns|one.hot|softmax'

@faulty(TWO_CLASS, r'^metric|^data', 'loss_func', kind='7', lr=1.)
def mnist_loss_on_ten_one_hot_columns(p, y): return mnist_loss(p, hot(y))

@faulty(TWO_CLASS, r'^metric|^data', 'loss_func', kind='7', lr=1.)
def distance_of_ten_sigmoids(p, y): return (p.sigmoid()-hot(y)).abs().mean()

MEMORY = r'remember|memory|earlier|before|previous|twice|again|calls?\b|running'

@faulty(MEMORY, r'^loss|^data|^training|all classes', kind='7')
def metric_that_averages_all_so_far():
    seen = []
    def right(p, y):
        seen.append(hits(p, y).item())
        return sum(seen)/len(seen)
    return ten(metrics=right)

@faulty(MEMORY, r'^loss|^data|^training|all classes', kind='7')
def metric_with_a_moving_average():
    state = SimpleNamespace(avg=torch.tensor(0.))
    def right(p, y):
        state.avg = 0.9*state.avg+0.1*hits(p, y)
        return state.avg
    return ten(metrics=right)

@faulty(MEMORY + r'|best', r'^loss|^data|^training|all classes|argmax|whatever', kind='7')
def metric_that_keeps_its_best():
    best = [0.]
    def right(p, y):
        best[0] = max(best[0], hits(p, y).item())
        return best[0]
    return ten(metrics=right)

# What learners bring to forums: the data

@faulty(r'sorted|shuffle|order', IN_DATA)
def sorted_and_not_shuffled():
    train,valid = twos()
    return two(dls=(TensorDataLoader(train, bs=64),TensorDataLoader(valid, bs=64)))

@faulty(r'pair|belong|label', r'^loss|^metric', 'train')
def images_shuffled_without_their_labels(): return tens()[0][0][torch.randperm(N_TRAIN)],tens()[0][1]

@faulty(r'pair|belong|label', r'^loss|^metric')
def two_loaders_that_shuffle_apart():
    (x,y),valid = tens()
    class Apart:
        def __iter__(self): return zip(x[torch.randperm(N_TRAIN)].split(64), y[torch.randperm(N_TRAIN)].split(64))
        def __len__(self): return -(-N_TRAIN//64)
    return ten(dls=(Apart(),TensorDataLoader(valid, bs=64)))

SHARED = r'train\w*.*valid|valid\w*.*train|same|both|overlap|share'

@faulty(SHARED, IN_DATA, 'valid')
def validation_images_from_the_training_set(): return tuple(o[1000:2000] for o in tens()[0])

@faulty(SHARED, IN_DATA, 'valid')
def a_third_of_the_validation_set_is_training_data():
    return tuple(torch.cat([t[:500],v]) for t,v in zip(*tens()))

@faulty(r'same|training (loader|data|set)|apart|itself', IN_DATA, 'dls')
def one_loader_for_both():
    dl = TensorDataLoader(tens()[0], bs=64, shuffle=True)
    return dl,dl

SCALE = r'scale|divide|255|standard deviation|0\.00|small|large|mean of'

@faulty(SCALE, r'^metric|' + MISSING)
def images_scaled_twice():
    (x,y),(vx,vy) = tens()
    return ten((x/255,y), (vx/255,vy))

@faulty(SCALE, r'^metric|' + MISSING)
def images_not_scaled():
    (x,y),(vx,vy) = tens()
    return ten((x*255,y), (vx*255,vy))

@faulty(SCALE + r'|differ', r'^metric|' + MISSING)
def only_the_training_images_scaled(): return ten(valid=(tens()[1][0]*255,tens()[1][1]))

@faulty(SCALE + r'|differ|normali', r'^metric|' + MISSING)
def only_the_training_images_normalized(): return ten(((tens()[0][0]-0.1307)/0.3081,tens()[0][1]))

@faulty(r'nan|finite', r'^metric|' + MISSING, 'train')
def a_nan_in_the_images():
    x,y = (o.clone() for o in tens()[0])
    x[::50,300] = float('nan')
    return x,y

@faulty(r'label|outputs?\b|class', r'^metric|softmax|sigmoid')
def labels_from_1_to_10():
    (x,y),(vx,vy) = tens()
    return ten((x,y+1), (vx,vy+1))

@faulty(r'label|outputs?\b|class', r'^metric|softmax|sigmoid', 'model')
def nine_outputs_for_ten_digits(): return simple_net(30, 9)

@faulty(r'\bone label|same label|only|all labels|one class|label', r'^loss|^metric', 'train')
def only_threes_to_train_with():
    x,y = tens()[0]
    return x[y==3],y[y==3]

@faulty(r'label', r'^loss|^metric', 'train')
def no_zeros_to_train_with():
    x,y = tens()[0]
    return x[y>0],y[y>0]

@faulty(r'again|once|iterator|generator|dry|empty|no batches', r'^metric: col|softmax|sigmoid', 'dls')
def loaders_that_run_dry(): return tuple(iter(TensorDataLoader(o, bs=64)) for o in tens())

@faulty(r'pair|belong|label|pixels?|similar', r'^loss|^metric', 'train')
def pixels_mixed_among_the_images():
    x,y = tens()[0]
    return x.reshape(784, -1).t().contiguous(),y

@faulty(r'same (batch|items|images)|first|repeat|again|few|only', r'^loss|^metric')
def every_batch_is_the_first():
    (x,y),valid = tens()
    return ten(dls=([(x[:64],y[:64])]*60,TensorDataLoader(valid, bs=64)))

@faulty(r'float|int|long|dtype|type', r'^metric: col|softmax|sigmoid')
def float_labels_for_cross_entropy():
    (x,y),(vx,vy) = tens()
    return ten((x,y.float()), (vx,vy.float()), loss_func=F.cross_entropy, metrics=hits)

# Losses

@faulty(SIGN, IN_LOSS, 'loss_func')
def forgotten_minus(p, y): return F.log_softmax(p, 1)[torch.arange(len(y)),y].mean()

@faulty(r'softmax', r'sigmoid|ReLU|^metric|' + MISSING, 'model')
def softmax_before_cross_entropy(): return nn.Sequential(simple_net(30, 10), nn.Softmax(dim=1))

@faulty(r'softmax', r'sigmoid|ReLU|^metric|' + MISSING, 'loss_func')
def softmax_inside_the_loss_as_well(p, y): return F.cross_entropy(p.softmax(1), y)

@faulty(r'sigmoid|between 0 and 1|from 0 to 1', r'ReLU|^metric|' + MISSING, 'model')
def sigmoid_before_cross_entropy(): return nn.Sequential(simple_net(30, 10), nn.Sigmoid())

@faulty(r'tanh|between -1 and 1|from -1 to 1|bounded|\brange|squash|limit', r'ReLU|^metric|' + MISSING, 'model')
def tanh_before_cross_entropy(): return nn.Sequential(simple_net(30, 10), nn.Tanh())

@faulty(r'sigmoid', r'ReLU|softmax|is missing', kind='forum')
def sigmoid_twice():
    return two(model=nn.Sequential(simple_net(), nn.Sigmoid()), metrics=above_half,
        loss_func=lambda p, y: F.binary_cross_entropy_with_logits(p, y.float()))

@faulty(r'sigmoid', r'ReLU|softmax|twice|another', 'loss_func', two)
def mnist_loss_without_its_sigmoid(p, y): return torch.where(y==1, 1-p, p).mean()

@faulty(r'\bsum\b|mean\b', IN_LOSS, 'loss_func', lr=0.005)
def sum_over_the_batch(p, y): return F.cross_entropy(p, y, reduction='sum')

@faulty(r'\bsum\b|mean\b|batch|size|64', IN_LOSS, 'loss_func')
def divided_by_a_constant(p, y): return F.cross_entropy(p, y, reduction='sum')/32

@faulty(r'broadcast|all with all|pairs|shape', IN_LOSS)
def column_against_a_row():
    (x,y),(vx,vy) = twos()
    return two((x,y[:,0]), (vx,vy[:,0]), loss_func=lambda p, y: (p.sigmoid()-y).abs().mean(),
        metrics=lambda p, y: ((p[:,0]>0)==y.bool()).float().mean())

@faulty(r'gradient|detach|no way back|backward|requires_grad', IN_LOSS, 'loss_func')
def detached_predictions(p, y): return F.cross_entropy(p.detach(), y)

@faulty(r'gradient|argmax|flat|steps|round', IN_LOSS, 'loss_func')
def loss_that_counts_mistakes(p, y): return (p.argmax(1)!=y).float().mean()

@faulty(r'gradient|argmax|flat|steps|round', IN_LOSS + '|softmax', 'loss_func', two)
def rounded_predictions(p, y): return ((p.sigmoid().round()-y)**2).mean()

@faulty(r'ignor|depend|whatever|no difference|as much as|the same|labels? ', IN_LOSS, 'loss_func')
def loss_without_labels(p, y): return (p**2).mean()

@faulty(r'first|only|(one|a single) (row|item|image|prediction)|rest\b|all (rows|items)|others?', IN_LOSS, 'loss_func')
def loss_of_the_first_image_only(p, y): return F.cross_entropy(p[:1], y[:1])

@faulty(r'underflow|overflow|finite|nan|inf\b', IN_LOSS, 'loss_func')
def log_of_softmax_by_hand(p, y): return -(p.exp()/p.exp().sum(1, keepdim=True)).log()[torch.arange(len(y)),y].mean()

@faulty(r'own label|order|sort|pair|other (row|image|label)|belong', IN_LOSS + '|' + PAIRS_OR_SUM, 'loss_func')
def loss_against_sorted_labels(p, y): return F.cross_entropy(p, y.sort().values)

@faulty(r'each (row|item|image)|average|one by one|mean (of|answer)|together|other rows', IN_LOSS, 'loss_func')
def loss_of_the_mean_answer(p, y): return ((p.softmax(1).mean(0)-hot(y).mean(0))**2).sum()

@faulty(r'one.hot|shape|label|class|int|float|column', r'^data|' + MISSING)
def one_hot_labels_for_nll():
    (x,y),(vx,vy) = tens()
    return ten((x,F.one_hot(y, 10)), (vx,F.one_hot(vy, 10)), loss_func=lambda p, y: F.nll_loss(p.log_softmax(1), y),
        metrics=lambda p, y: (p.argmax(1)==y.argmax(1)).float().mean())

@faulty(r'constant|same|depend|gradient|whatever|no matter', IN_LOSS + '|twice', 'loss_func')
def constant_loss(p, y): return (p*0).sum()+2.3

@faulty(SIGN + r'|right (ones|answers|scores)|better|rises|falls|far|beyond', IN_LOSS + '|two classes', 'loss_func')
def distance_without_abs(p, y): return (p.sigmoid()-hot(y)).sum(1).mean()

# Metrics

AXIS = r'\bdim|axis|\bdown\b|(over|along|across) the batch|other images'

@faulty(AXIS + r'|shape|raises', IN_METRIC, 'metrics')
def argmax_down_the_batch(p, y): return (p.argmax(0)==y).float().mean()

@faulty(r'argmin|wrong|revers|smallest|least', IN_METRIC, 'metrics')
def argmin_for_argmax(p, y): return (p.argmin(1)==y).float().mean()

@faulty(r'one (too|off|more)|next|shift|(other|wrong) column|off by', IN_METRIC + '|label 0, the answer 0', 'metrics')
def argmax_plus_one(p, y): return (p.argmax(1)+1==y).float().mean()

@faulty(r'broadcast|all with all|every|pairs|shape|mixed', IN_METRIC, 'metrics')
def compares_all_with_all(p, y): return (p.argmax(1, keepdim=True)==y).float().mean()

@faulty(r'\bsum\b|mean|divide|number of|size|count|share', IN_METRIC, 'metrics')
def number_of_hits(p, y): return (p.argmax(1)==y).sum()

@faulty(r'64|divide|size|last|number of|count|twice|share', IN_METRIC, 'metrics')
def hits_by_64(p, y): return (p.argmax(1)==y).sum()/64

@faulty(r'divide|size|number of|count|share|twice', IN_METRIC, 'metrics')
def hits_by_the_number_of_scores(p, y): return (p.argmax(1)==y).sum()/p.numel()

@faulty(r'0\.5|threshold|at 0|raw scores', IN_METRIC, 'metrics', two)
def threshold_of_probabilities_for_scores(p, y): return ((p>0.5)==y).float().mean()

@faulty(r'0\.5|half|middle|threshold|between 0 and 1', IN_METRIC)
def threshold_of_scores_for_probabilities():
    return two(model=nn.Sequential(simple_net(), nn.Sigmoid()), loss_func=lambda p, y: (p-y).abs().mean())

@faulty(r'only|all classes|7s|right ones|(one|both|each) class|divide|number', IN_METRIC, 'metrics', two)
def hits_among_the_threes(p, y): return ((p>0) & (y==1)).float().sum()/(y==1).sum()

@faulty(r'only|all classes|7s|right ones|(one|both|each) class', IN_METRIC, 'metrics', two)
def threes_found_of_all(p, y): return ((p>0) & (y==1)).float().mean()

@faulty(r'label|prediction|ignor|constant|same|always|wrong (ones|answers|predictions)', IN_METRIC, 'metrics')
def labels_with_themselves(p, y): return (y==y).float().mean()

@faulty(r'first|only|rest|(one|a single) (row|item|image)|all (rows|items|images)', IN_METRIC, 'metrics')
def first_ten_of_the_batch(p, y): return (p[:10].argmax(1)==y[:10]).float().mean()

@faulty(r'cells?|round|argmax|largest|columns', IN_METRIC, 'metrics')
def cells_that_agree(p, y): return ((p>0)==hot(y).bool()).float().mean()

@faulty(r'whole|all or nothing|0 or 1|every|share|one by one|count', IN_METRIC + '|argmax', 'metrics')
def whole_batch_right_or_not(p, y): return torch.equal(p.argmax(1), y)*1.

@faulty(r'first two|other (columns|digits|classes)|all (ten )?(columns|classes)|only|columns', IN_METRIC, 'metrics')
def two_class_rule_for_ten_columns(p, y): return ((p[:,1]>p[:,0]).long()==y).float().mean()

# Training

@faulty(RATE, IN_STEP)
def rate_far_too_large(): return ten(lr=100.)

@faulty(RATE, IN_STEP)
def rate_that_kills_the_hidden_units(): return ten(lr=20., model=simple_net(100, 10))

@faulty(RATE, IN_STEP)
def rate_far_too_small(): return ten(lr=1e-5)

@faulty(RATE + r'|negative|below 0|sign', IN_STEP)
def negative_rate(): return ten(lr=-0.1)

@faulty(RATE, IN_STEP)
def adam_with_a_rate_for_sgd(): return ten(lr=1., opt_func=torch.optim.Adam)

@faulty(RATE + r'|momentum', IN_STEP)
def momentum_and_a_rate_for_plain_steps(): return ten(lr=5., opt_func=partial(torch.optim.SGD, momentum=0.95))

@faulty(r'frozen|requires_grad|gradient', IN_LOSS, 'model')
def all_frozen():
    net = simple_net(30, 10)
    for p in net.parameters(): p.requires_grad_(False)
    return net

class Listed(nn.Module):
    "Layers in a list that `nn.Module` doesn't look into"
    def __init__(self, *layers):
        super().__init__()
        self.layers = list(layers)
    def forward(self, x):
        for l in self.layers: x = l(x)
        return x

@faulty(r'list|regist|ModuleList|no parameters|parameters', IN_LOSS, 'model')
def layers_in_a_list(): return Listed(*simple_net(30, 10))

@faulty(r'list|regist|ModuleList|not among|(are|is)n.t|without|miss|part of', IN_LOSS, 'model')
def hidden_layers_in_a_list(): return nn.Sequential(Listed(nn.Linear(784, 30), nn.ReLU()), nn.Linear(30, 10))

@faulty(r'other|another|not used|does.?n.t use|among', IN_LOSS)
def parameters_of_another_model(): return ten(params=list(simple_net(30, 10).parameters()))

@faulty(r'empty|generator|no parameters|dry|nothing', IN_LOSS)
def parameters_that_ran_dry():
    net = simple_net(30, 10)
    params = net.parameters()
    list(params)
    return ten(model=net, params=params)

def net_that(change):
    "A small network whose hidden units go through `change`"
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a,self.b = nn.Linear(784, 30),nn.Linear(30, 10)
        def forward(self, x): return self.b(change(self.a(x).relu()))
    return Net()

@faulty(r'gradient|detach|no_grad|\.data', IN_LOSS, 'model')
def hidden_units_detached(): return net_that(lambda h: h.detach())

@faulty(r'gradient|detach|no_grad|\.data', IN_LOSS, 'model')
def forward_without_gradient():
    class Net(nn.Sequential):
        @torch.no_grad()
        def forward(self, x): return super().forward(x)
    return Net(*simple_net(30, 10))

@faulty(r'gradient|detach|no_grad|numpy|\.data', IN_LOSS, 'model')
def through_numpy(): return net_that(lambda h: torch.from_numpy(h.detach().numpy()**2))

DEAD = r'dead|ReLU|\b0\b|zero|die|gradient|same (output|answer|prediction)'

@faulty(DEAD, IN_LOSS, 'model')
def hidden_units_that_died():
    net = simple_net(30, 10)
    nn.init.constant_(net[0].bias, -100.)
    return net

@faulty(DEAD + r'|same|alike|symmetr|init', IN_LOSS, 'model')
def all_weights_begin_at_0():
    net = simple_net(30, 10)
    for p in net.parameters(): nn.init.zeros_(p)
    return net

@faulty(r'starts? at|start with|far above|sure|smaller weights|large', IN_LOSS, 'model')
def weights_that_begin_far_too_large():
    net = simple_net(30, 10)
    for p in net.parameters(): nn.init.normal_(p)
    return net

BATCH = r'other (rows|images|items|inputs|predictions)|batch|alone|one by one|together|neighbo'

@faulty(BATCH, r'^metric|^loss: dir|^data|' + MISSING, 'model')
def hidden_units_averaged_over_the_batch(): return net_that(lambda h: h-0.7*h.mean(0))

@faulty(BATCH, r'^metric|^loss: dir|^data|' + MISSING, 'model')
def normalized_by_the_batch_even_in_validation(): return net_that(lambda h: (h-h.mean(0))/(h.std(0)+1e-5))

@faulty(BATCH, r'^metric|^loss: dir|^data|' + MISSING, 'model')
def attention_over_the_batch(): return net_that(lambda h: h+(h@h.t()/5).softmax(1)@h)

@faulty(BATCH + r'|axis|64|last|size|shape', r'^metric|^loss: dir|flatten|' + MISSING, 'model')
def batch_norm_over_the_wrong_axis():
    norm = nn.BatchNorm1d(64)
    net = net_that(lambda h: norm(h.t()).t())
    net.norm = norm
    return net

@faulty(r'dropout|eval|random|twice|same input|differ', r'^metric|^loss: (dir|act)|^data|' + MISSING, 'model')
def dropout_in_validation_too(): return net_that(lambda h: F.dropout(h, 0.5))

@faulty(r'noise|eval|random|twice|same input|differ|dropout', r'^metric|^loss: (dir|act)|^data|' + MISSING, 'model')
def noise_in_validation_too(): return net_that(lambda h: h+torch.randn_like(h)*2)

@faulty(r"input|ignor|same (output|answer|prediction)|depend|image|n't use", IN_LOSS, 'model')
def model_that_ignores_its_input():
    return net_that(lambda h: torch.ones_like(h))

@faulty(r'dropout|everything|\b0\b|same|depend|gradient|overfit|learn|image|input', IN_LOSS, 'model')
def dropout_of_all(): return nn.Sequential(nn.Linear(784, 30), nn.ReLU(), nn.Dropout(1.), nn.Linear(30, 10))

# Steps of one's own

@faulty(HELD, IN_STEP, 'step')
def step_without_zeroing(net, state, xb, yb):
    back(net, xb, yb)
    move(net, 0.1)

STILL = r"zero|clear|n't (move|change)|nothing (moves|changes)|no (parameter|weight)|stay|not (move|change)|hardly"

@faulty(STILL, IN_STEP + '|diverge', 'step')
def zeroed_between_backward_and_step(net, state, xb, yb):
    opt = torch.optim.SGD(net.parameters(), 0.1)
    back(net, xb, yb)
    opt.zero_grad(set_to_none=False)
    opt.step()

@faulty(STILL + r'|backward|gradient', IN_STEP + '|diverge', 'step')
def step_without_backward(net, state, xb, yb):
    opt = torch.optim.SGD(net.parameters(), 0.1)
    opt.zero_grad()
    cross_entropy(net(xb), yb)
    opt.step()

@faulty(STILL + r'|copy|other|another', IN_STEP + '|diverge', 'step')
def step_on_a_copy(net, state, xb, yb):
    other = copy.deepcopy(net)
    back(other, xb, yb)
    move(other, 0.1)

@faulty(STILL + r'|other|another', IN_STEP + '|diverge', 'step')
def optimizer_of_an_earlier_model(net, state, xb, yb):
    if not state.n: state.opt = torch.optim.SGD(simple_net(30, 10).parameters(), 0.1)
    state.n += 1
    state.opt.zero_grad()
    back(net, xb, yb)
    state.opt.step()
    clear(net)

@faulty(STILL + r'|new|in place|assign|copy|same', IN_STEP + '|diverge', 'step')
def new_tensors_instead_of_in_place(net, state, xb, yb):
    back(net, xb, yb)
    for p in net.parameters(): p = p-0.1*p.grad
    clear(net)

@faulty(UPHILL, IN_STEP + '|divide it', 'step')
def momentum_with_two_minuses(net, state, xb, yb):
    back(net, xb, yb)
    if not state.n: state.v = [torch.zeros_like(p) for p in net.parameters()]
    state.n += 1
    with torch.no_grad():
        for p,v in zip(net.parameters(), state.v):
            v.mul_(0.9).sub_(0.05*p.grad)
            p -= v
    clear(net)

@faulty(HELD + r'|momentum|grow|diverge|rises|larger', IN_STEP, 'step')
def momentum_that_grows(net, state, xb, yb):
    back(net, xb, yb)
    if not state.n: state.v = [torch.zeros_like(p) for p in net.parameters()]
    state.n += 1
    with torch.no_grad():
        for p,v in zip(net.parameters(), state.v):
            v.mul_(1.3).add_(p.grad)
            p -= 0.1*v
    clear(net)

@faulty(RATE + r'|clip|' + STILL, IN_STEP + '|diverge', 'step')
def gradients_clipped_to_almost_nothing(net, state, xb, yb):
    back(net, xb, yb)
    nn.utils.clip_grad_norm_(net.parameters(), 1e-5)
    move(net, 0.1)
    clear(net)

@faulty(r"bias|never moves?|n't move|not move|stay|unchanged|left out", IN_STEP + '|diverge', 'step')
def biases_that_never_move(net, state, xb, yb):
    back(net, xb, yb)
    with torch.no_grad():
        for p in net.parameters():
            if p.dim()>1: p -= 0.1*p.grad
    clear(net)

@faulty(r'labels?|(another|earlier|its own) batch|rises|worse', IN_STEP, 'step')
def step_with_labels_of_another_batch(net, state, xb, yb):
    old = getattr(state, 'yb', yb)
    if len(old)!=len(yb): old = yb
    state.yb = yb
    back(net, xb, old.roll(1))
    move(net, 0.1)
    clear(net)

@faulty(r'(first|same|own|other|earlier) batch|ignor|it (is|was) given|nothing from', IN_STEP, 'step')
def step_that_stays_with_its_first_batch(net, state, xb, yb):
    if not state.n: state.batch = xb,yb
    state.n += 1
    back(net, *state.batch)
    move(net, 0.1)
    clear(net)

@faulty(RATE + r'|twice|rises', IN_STEP + '|schedul|fade', 'step')
def step_of_a_far_too_large_rate(net, state, xb, yb):
    back(net, xb, yb)
    move(net, 50.)
    clear(net)

@faulty(r'again|new|begin|random|forget|remember|start|fresh|init', IN_STEP, 'step')
def weights_drawn_anew_in_each_step(net, state, xb, yb):
    for l in (net[0],net[2]): l.reset_parameters()
    back(net, xb, yb)
    move(net, 0.1)
    clear(net)

# Two faults at once

@faulty((r'softmax',r'sorted|shuffle|order'), r'ReLU|^metric|' + MISSING, kind='two')
def softmax_twice_and_sorted():
    (x,y),valid = tens()
    i = y.argsort()
    dls = list(zip(x[i].split(64), y[i].split(64))),TensorDataLoader(valid, bs=64)
    return ten(dls=dls, model=nn.Sequential(simple_net(30, 10), nn.Softmax(dim=1)))

@faulty(SIGN, IN_LOSS, 'loss_func', kind='two', lr=0.005)
def no_minus_and_a_sum(p, y): return F.log_softmax(p, 1)[torch.arange(len(y)),y].sum()

@faulty(r'broadcast|all with all|pairs|shape', r'^data|' + MISSING, kind='two')
def loss_and_metric_that_broadcast():
    (x,y),(vx,vy) = twos()
    return two((x,y[:,0]), (vx,vy[:,0]), loss_func=lambda p, y: (p.sigmoid()-y).abs().mean(),
        metrics=lambda p, y: ((p>0)==y.bool()).float().mean())

@faulty((SHARED,RATE), r'^loss|^metric', kind='two')
def training_data_to_validate_and_a_large_rate(): return ten(valid=tuple(o[:800] for o in tens()[0]), lr=100.)

@faulty((SCALE,r'argmin|wrong|revers|smallest|column'), r'^loss: (dir|act)|' + MISSING, kind='two')
def unscaled_and_argmin():
    (x,y),(vx,vy) = tens()
    return ten((x*255,y), (vx*255,vy), metrics=lambda p, y: (p.argmin(1)==y).float().mean())

@faulty(HELD, IN_STEP, 'step', kind='two')
def no_zeroing_and_biases_that_stay(net, state, xb, yb):
    back(net, xb, yb)
    with torch.no_grad():
        for p in net.parameters():
            if p.dim()>1: p -= 0.1*p.grad

@faulty((r'\bsum\b|mean\b',r'\bsum\b|mean|divide|number of|size|count|share'), r'^data|' + MISSING, kind='two')
def sums_in_loss_and_metric():
    loss = nn.CrossEntropyLoss(reduction='sum')
    return ten(loss_func=loss, metrics=lambda p, y: (p.argmax(1)==y).float().sum(), lr=0.005)

@faulty((r'pair|belong|label',r'0\.5|threshold|at 0|raw scores'), r'^loss', kind='two')
def shuffled_pairs_and_a_wrong_threshold():
    x,y = twos()[0]
    return two((x,y[torch.randperm(len(y))]), metrics=above_half)

@faulty(r'underflow|overflow|finite|nan|inf\b|\bsum\b', IN_LOSS, 'loss_func', kind='two', lr=0.005)
def log_of_softmax_by_hand_summed(p, y): return -((p.exp()/p.exp().sum(1, keepdim=True)).log()*hot(y)).sum()

@faulty((AT_THE_END,AXIS + '|argmax|raises|shape'), r'sigmoid|' + MISSING, kind='two')
def relu_at_the_end_and_argmax_over_the_batch():
    model = nn.Sequential(simple_net(30, 10), nn.ReLU())
    return ten(model=model, metrics=lambda p, y: (p.argmax(0)==y).float().mean())
