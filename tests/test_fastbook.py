"What fastbook's chapter 4 does with its data works offline on the tree that our `untar_data` makes"
import os,subprocess,sys

CODE = '''
import socket
def connect(*args, **kwargs): raise OSError('no network')
socket.socket.connect = connect
import mnist_course.data
from fastbook import *
assert untar_data is not mnist_course.data.untar_data
mnist_course.data.untar_data(URLs.MNIST_SAMPLE)
path = untar_data(URLs.MNIST_SAMPLE)
threes,sevens = ((path/'train'/o).ls().sorted() for o in '37')
stacks = [torch.stack([tensor(Image.open(o)) for o in fs]).float()/255 for fs in (threes,sevens)]
assert [len(o) for o in stacks] == [6131,6265]
assert abs(F.l1_loss(stacks[0][1], stacks[1].mean(0)) - 0.1586) < 1e-4
train_x = torch.cat(stacks).view(-1, 28*28)
train_y = tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1)
dl = DataLoader(list(zip(train_x, train_y)), batch_size=256)
assert [o.shape for o in first(dl)] == [(256,784),(256,1)]
df = pd.read_csv(path/'labels.csv')
assert df.label.sum() == 6265+1028 and all((path/o).exists() for o in df.name)
dls = ImageDataLoaders.from_folder(path, num_workers=0)
assert [len(o) for o in dls.loaders] == [193,32] and dls.vocab == ['3','7']
'''

def test_chapter_4_of_fastbook_finds_its_data_without_a_network(tmp_path):
    done = subprocess.run([sys.executable,'-c',CODE], env=os.environ|{'FASTAI_HOME': str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode==0, done.stderr
