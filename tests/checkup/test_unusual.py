"Right but unusual models and losses, of which `check_setup` says nothing"
from .setups import *

# Losses

def squares(p, y): return F.mse_loss(p, onehot10(y))

@sound
def least_squares_on_one_hot_labels():
    return ten_columns(torch_dls(*ten()), loss_func=squares, metrics=accuracy, lr=0.5)

@sound
def least_squares_on_one_hot_targets():
    return ten_columns(fast_dls(*ten(onehot10)), loss_func=nn.MSELoss(), metrics=one_hot_hit, lr=0.5)

@sound
def tanh_and_squares_of_signs():
    return ten_columns(torch_dls(*ten()), net(nn.Tanh()), lambda p,y: ((p-signs10(y))**2).mean(), metrics=hit, lr=0.5)

@sound
def squares_of_signs_without_tanh():
    return ten_columns(list_dls(*ten()), loss_func=lambda p,y: ((p-signs10(y))**2).mean(), metrics=hit, lr=0.05)

@sound
def least_squares_on_0_and_1():
    return dict(dls=torch_dls(*two(floats)), model=simple_net(), loss_func=F.mse_loss, metrics=over_half, lr=0.1)

@sound
def least_squares_by_hand():
    return by_hand(two(), loss_func=lambda p,y: (p-y).pow(2).mean(), metrics=over_half, lr=0.02)

@sound
def absolute_distance_on_0_and_1():
    return dict(dls=torch_dls(*two(floats)), model=simple_net(), loss_func=nn.SmoothL1Loss(), metrics=over_half,
        lr=0.2)

@sound
def squares_of_a_sigmoid_in_ten_columns():
    return ten_columns(torch_dls(*ten(onehot10)), net(nn.Sigmoid()), nn.MSELoss(), metrics=one_hot_hit,
        opt_func=torch.optim.Adam, lr=0.01)

@sound
def bce_of_ten_columns():
    return ten_columns(torch_dls(*ten(onehot10)), loss_func=nn.BCEWithLogitsLoss(), metrics=one_hot_hit, lr=1.)

@sound
def largest_score_taken_off_in_place():
    def loss_func(p, y):
        p -= p.max(dim=1, keepdim=True).values.detach()
        return -right_column(p-p.exp().sum(dim=1, keepdim=True).log(), y).sum()/len(y)
    return ten_columns(torch_dls(*ten()), loss_func=loss_func, metrics=accuracy, lr=0.1)

@sound
def margin_between_columns():
    return ten_columns(torch_dls(*ten()), loss_func=nn.MultiMarginLoss(), metrics=accuracy, lr=0.2)

@sound
def squared_hinge():
    return by_hand(two(), loss_func=lambda p,y: ((1-(2*y-1)*p).relu()**2).mean(), metrics=batch_accuracy, lr=0.01)

@sound
def temperature_of_two():
    return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: F.cross_entropy(p/2, y), metrics=accuracy, lr=0.2)

@sound
def smoothed_labels_of_one_column():
    def loss_func(p, y): return F.binary_cross_entropy_with_logits(p, y*0.9+0.05)
    return dict(dls=fast_dls(*two(floats)), model=simple_net(), loss_func=loss_func, metrics=batch_accuracy, lr=0.2)

@sound
def kl_divergence_of_one_hot_labels():
    def loss_func(p, y): return F.kl_div(p.log_softmax(1), onehot10(y), reduction='batchmean')
    return ten_columns(torch_dls(*ten()), loss_func=loss_func, metrics=accuracy, lr=0.2)

@sound
def entropy_in_a_loop_over_the_rows():
    def loss_func(p, y): return torch.stack([a.logsumexp(0)-a[b] for a,b in zip(p, y)]).mean()
    return ten_columns(list_dls(*ten()), loss_func=loss_func, metrics=accuracy, lr=0.2)

@sound
def confident_answers_punished():
    def loss_func(p, y): return F.cross_entropy(p, y)-0.1*(-(p.softmax(1)*p.log_softmax(1)).sum(1)).mean()
    return ten_columns(torch_dls(*ten()), loss_func=loss_func, metrics=accuracy, lr=0.2)

@sound
def noise_in_the_loss():
    def loss_func(p, y): return F.cross_entropy(p+0.01*torch.randn_like(p), y)
    return ten_columns(torch_dls(*ten()), loss_func=loss_func, metrics=accuracy, lr=0.2)


# Models

def ten_with(*layers, lr=0.1, opt_func=None): 
    return ten_columns(torch_dls(*ten()), nn.Sequential(*layers), metrics=accuracy, lr=lr, opt_func=opt_func)

@sound
def leaky_units(): return ten_with(nn.Linear(784, 30), nn.LeakyReLU(0.1), nn.Linear(30, 10))

@sound
def tanh_units(): return ten_with(nn.Linear(784, 40), nn.Tanh(), nn.Linear(40, 20), nn.Tanh(), nn.Linear(20, 10))

@sound
def units_with_slopes_of_their_own(): return ten_with(nn.Linear(784, 30), nn.PReLU(), nn.Linear(30, 10))

@sound
def average_pooling():
    model = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.AvgPool2d(4), nn.Flatten(), nn.Linear(392, 10))
    return ten_columns(torch_dls(*ten(x=images, n=600)), model, metrics=accuracy, opt_func=torch.optim.Adam, lr=0.01)

@sound
def mean_over_all_places():
    model = nn.Sequential(nn.Conv2d(1, 16, 5, stride=2), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))
    return ten_columns(torch_dls(*ten(x=images, n=600)), model, metrics=accuracy, opt_func=torch.optim.Adam, lr=0.01)

@sound
def scores_with_a_scale_to_learn():
    model = Wrap(lambda self, x: self.net(x)*self.scale, net=net(), scale=nn.Parameter(tensor(1.)))
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy, lr=0.1)

@sound
def layer_around_which_a_way_leads():
    model = Wrap(lambda self, x: self.last(self.first(x).relu()+self.mid(self.first(x)).relu()),
        first=nn.Linear(784, 30),
        mid=nn.Linear(30, 30), last=nn.Linear(30, 10))
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy, lr=0.1)

@sound
def no_biases(): return ten_with(nn.Linear(784, 30, bias=False), nn.ReLU(), nn.Linear(30, 10, bias=False))

@sound
def batch_norm_without_a_bias_before():
    return ten_with(nn.Linear(784, 30, bias=False), nn.BatchNorm1d(30), nn.ReLU(), nn.Linear(30, 10))

@sound
def two_layers_by_hand_for_one_column():
    ps = [init_params(o, std) for o,std in (((784,30),0.05),(30,0.05),((30,1),0.2),(1,0.05))]
    def model(xb): return linear1(linear1(xb, *ps[:2]).relu(), *ps[2:])
    return dict(dls=fast_dls(*two()), model=model, params=ps, loss_func=mnist_loss, metrics=batch_accuracy, lr=0.5)

@sound
def last_weights_as_a_vector():
    w1,b1,w2,b2 = (init_params(o, std) for o,std in (((784,30),0.05),(30,0.05),(30,0.2),(1,0.05)))
    def model(xb): return (xb@w1+b1).relu()@w2 + b2
    return dict(dls=torch_dls(*two(flat_floats)), model=model, params=[w1,b1,w2,b2], metrics=batch_accuracy, lr=0.1,
        loss_func=F.binary_cross_entropy_with_logits)

@sound
def hidden_layer_of_noughts_that_parts():
    model = net()
    nn.init.zeros_(model[0].weight)
    nn.init.normal_(model[0].bias)
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy, lr=0.2)

@sound
def squared_distances_whose_least_is_the_answer():
    def nearest(p, y): return (p.argmin(1)==y).float().mean()
    return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: F.cross_entropy(-p, y), metrics=nearest, lr=0.1)

@sound
def images_inverted(): return ten_columns(torch_dls(*ten(x=lambda x: 1-x)), metrics=accuracy, lr=0.05)

@sound
def images_from_minus_1_to_1(): return ten_columns(fast_dls(*ten(x=lambda x: 2*x-1)), metrics=accuracy, lr=0.05)

@sound
def every_second_pixel():
    return ten_columns(torch_dls(*ten(x=lambda x: x[:,::2])), net(n_in=392), metrics=accuracy, lr=0.1)


@pytest.mark.parametrize('name', sound_in(__name__))
def test_nothing_is_said_of_a_sound_setup(name): assert_sound(name)
