"`mnist_course demo`: a real server and a real browser, without a network"
import os,re,socket,subprocess,sys
from pathlib import Path

import pytest,torch

from conftest import PATIENCE
from mnist_course.data import load_mnist
from mnist_course.demo import evidence
from mnist_course.models import load_models

pytestmark = pytest.mark.slow # a server, and a browser
THREE = [(.3,.3),(.45,.2),(.62,.25),(.65,.38),(.5,.48),(.66,.58),(.66,.72),(.5,.82),(.3,.75)]
SEVEN = [(.3,.25),(.7,.25),(.45,.8)]
# The command as it is, but nothing can reach any address besides this machine's own
OFFLINE = """
import socket,sys
connect = socket.socket.connect
def local(self, address):
    if self.family!=socket.AF_UNIX and address[0] not in ('127.0.0.1','localhost','::1'): print('ASKED', address, flush=True); raise OSError('no network')
    return connect(self, address)
socket.socket.connect = local
from mnist_course.__main__ import main
sys.argv = ['mnist_course','demo',*sys.argv[1:]]
main()
"""

def start(*args, home):
    "Start the command with its cache below `home`"
    return subprocess.Popen([sys.executable,'-c',OFFLINE,*args], env=dict(os.environ, XDG_CACHE_HOME=str(home), GRADIO_TEMP_DIR=str(home/'gradio')), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

@pytest.fixture(scope='module')
def server(trained):
    "The address of a running demo"
    process = start(home=trained.parents[1])
    said = process.stdout.readline()
    yield re.search(r'http://127\.0\.0\.1:\d+/', said)[0]
    process.terminate()
    assert 'ASKED' not in process.communicate(timeout=PATIENCE)[0], 'it asked the network'

@pytest.fixture
def open_page(browser, server):
    "Open the demo at a width; at the end, nothing must have gone wrong on any page"
    wrong,contexts = [],[]
    def watch(page):
        page.on('console', lambda o: wrong.append(o.text) if o.type=='error' else None)
        page.on('pageerror', lambda o: wrong.append(str(o)))
        page.on('response', lambda o: wrong.append(f'{o.status} {o.url}') if o.status>=400 else None)
        page.on('request', lambda o: wrong.append(o.url) if not o.url.startswith((server,'data:','blob:')) else None)
    def f(width=1280, **kwargs):
        contexts.append(browser.new_context(viewport=dict(width=width, height=900), **kwargs))
        contexts[-1].set_default_timeout(PATIENCE*1000)
        page = contexts[-1].new_page()
        watch(page)
        page.goto(server)
        page.wait_for_selector('#pad canvas')
        page.wait_for_load_state('networkidle')
        return page
    yield f
    for o in contexts: o.close()
    assert wrong==[]

def draw(page, stroke):
    "Draw with the mouse, in shares of the canvas"
    page.locator('#pad canvas').scroll_into_view_if_needed()
    box = page.locator('#pad canvas').bounding_box()
    (x,y),*more = [(box['x']+x*box['width'],box['y']+y*box['height']) for x,y in stroke]
    page.mouse.move(x, y)
    page.mouse.down()
    for o in more: page.mouse.move(*o, steps=6)
    page.mouse.up()

def status(page, pattern):
    "Wait until the status line says so"
    page.locator('#status').filter(has_text=re.compile(pattern)).wait_for(timeout=PATIENCE*1000)

def answers(page): return {o.get_attribute('data-model'): int(o.locator('strong').inner_text()) for o in page.locator('.answers section').all()}

@pytest.mark.parametrize('width', [1280,390])
def test_drawing_a_3_and_a_7_clearing_and_drawing_again(open_page, width):
    page = open_page(width)
    for stroke,digit in ((THREE,3),(SEVEN,7)):
        draw(page, stroke)
        status(page, f'convnet says {digit}')
        assert len(answers(page))==7 and {*answers(page).values()}=={digit}, answers(page)
        assert all(page.evaluate('[...document.querySelectorAll(".answers img")].map(o => o.naturalWidth==28 && o.alt.length>20)'))
        assert page.evaluate('document.documentElement.scrollWidth') <= width
        page.get_by_role('button', name='Clear').click()
        status(page, 'Draw a digit')
        assert answers(page)=={}

def test_strokes_add_up_until_cleared(open_page):
    page = open_page()
    draw(page, [(.5,.2),(.5,.8)])
    status(page, 'convnet says 1')
    for o in ([(.25,.2),(.25,.5)],[(.25,.5),(.5,.5)]): draw(page, o)
    status(page, 'convnet says 4')

def test_a_finger_draws_as_well(open_page):
    page = open_page(390, has_touch=True, is_mobile=True)
    box = page.locator('#pad canvas').bounding_box()
    points = [dict(x=box['x']+x*box['width'], y=box['y']+y*box['height']) for x,y in SEVEN]
    cdp,steps = page.context.new_cdp_session(page),20
    between = [{k: a[k]+(b[k]-a[k])*i/steps for k in 'xy'} for a,b in zip(points, points[1:]) for i in range(steps+1)]
    cdp.send('Input.dispatchTouchEvent', dict(type='touchStart', touchPoints=[between[0]]))
    for o in between: cdp.send('Input.dispatchTouchEvent', dict(type='touchMove', touchPoints=[o]))
    cdp.send('Input.dispatchTouchEvent', dict(type='touchEnd', touchPoints=[]))
    status(page, 'convnet says 7')
    assert page.evaluate('scrollY')==0, 'the page scrolled under the finger'

def test_nonsense_gets_a_message_and_the_page_goes_on(open_page, tmp_path):
    page = open_page()
    upload = page.locator('input[type=file]').first
    for name,raw,said in (('nonsense.png', b'not an image', 'no image of a known format'), ('empty.png', b'', 'is empty'), ('notes.txt', b'some text', 'no image of a known format')):
        (tmp_path/name).write_bytes(raw)
        upload.set_input_files(tmp_path/name)
        status(page, f'{name}.*{said}')
        assert answers(page)=={}
    from PIL import Image
    Image.fromarray(255-load_mnist('test')[0][0].numpy()).resize((150,150)).save(tmp_path/'seven.jpg')
    upload.set_input_files(tmp_path/'seven.jpg')
    status(page, 'seven.jpg, dark on light: the convnet says 7')
    page.evaluate("document.querySelector('#pad canvas').toDataURL = () => 'data:image/png;base64,bm9uc2Vuc2U='")
    draw(page, SEVEN)
    status(page, 'did not arrive whole')

def test_what_is_no_drawing_is_not_answered(open_page):
    page = open_page()
    page.locator('#pad canvas').click(button='right')
    box = page.locator('#pad canvas').bounding_box()
    page.mouse.move(box['x']-20, box['y']-20); page.mouse.down(); page.mouse.move(box['x']+50, box['y']+50); page.mouse.up()
    page.wait_for_timeout(700)
    assert answers(page)=={} and 'Draw a digit' in page.locator('#status').inner_text()
    draw(page, [(x,y) for i in range(16) for x,y in ((0.02, i/16+0.02),(0.98, i/16+0.02))]) # all black
    status(page, 'The drawing (differs from its own border|is blank)')

def test_two_pages_at_once_do_not_mix(open_page):
    a,b = open_page(),open_page()
    draw(a, THREE); draw(b, SEVEN)
    status(a, 'convnet says 3'); status(b, 'convnet says 7')
    assert {*answers(a).values()}=={3} and {*answers(b).values()}=={7}

def test_keyboard_reaches_all_but_the_drawing(open_page):
    page = open_page()
    names = []
    for _ in range(6):
        page.keyboard.press('Tab')
        names.append(page.evaluate('document.activeElement.innerText'))
        if names[-1]=='A digit of the test set': break
    assert [o for o in names if o] == ['Clear','Open an image file','A digit of the test set'], names
    page.keyboard.press('Enter')
    status(page, r'Test digit \d+, which is a \d: the convnet says')
    assert len(answers(page))==7

def test_evidence_adds_up_to_the_score(trained):
    net = next(net for model,net in load_models(trained) if model.name=='ten digits, linear by hand')
    image = load_mnist('test')[0][0]
    with torch.no_grad(): scores = net(image.flatten()[None]/255)[0]-net.bias
    torch.testing.assert_close(evidence(net, image, 7).sum(), scores[7]-scores.mean(), atol=1e-4, rtol=1e-4)

@pytest.mark.skipif(not Path('/proc/net/tcp').exists(), reason='Linux lists in /proc who listens')
def test_listens_on_this_machine_only(server):
    port = int(server.rsplit(':', 1)[1].strip('/'))
    listening = {bytes.fromhex(o.split()[1].split(':')[0])[::-1] for name in ('tcp','tcp6') for o in Path(f'/proc/net/{name}').read_text().splitlines()[1:] if o.split()[1].endswith(f':{port:04X}') and o.split()[3]=='0A'}
    assert listening == {socket.inet_aton('127.0.0.1')}

def test_busy_port_and_wrong_arguments_get_a_line(server, trained):
    port = server.rsplit(':', 1)[1].strip('/')
    busy = start('--port', port, home=trained.parents[1])
    said = busy.communicate(timeout=PATIENCE)[0]
    assert busy.returncode==1 and len(said.splitlines())==1 and f'port {port}: Address already in use' in said, said
    nowhere = start('--host', 'no.such.host.invalid', home=trained.parents[1])
    said = nowhere.communicate(timeout=PATIENCE)[0]
    assert nowhere.returncode==1 and 'cannot listen on no.such.host.invalid' in said.splitlines()[-1], said
    for args in (['--port','0'],['--port','x'],['now']):
        wrong = start(*args, home=trained.parents[1])
        assert 'mnist_course demo' in wrong.communicate(timeout=PATIENCE)[0] and wrong.returncode==2
