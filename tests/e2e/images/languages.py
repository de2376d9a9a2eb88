"""Packages of languages, in images that umoci and buildah made, beside what the languages' own tools list."""

import functools
import glob
import json
import os
import shutil

from base import Failure, Skip, bill, need, once, output, packaged, purls, same
from contents import CONTENTS
from registry import Registry
from systems import any_system


class Filled:
    """An image with all contents that can be had, of which a later layer removes some."""

    def __init__(self, work, how, build):
        need(how, how)
        self.all_work, self.work = work, f'{work}/languages-{how}'
        os.makedirs(self.work)
        self.contents, self.skipped = [], {}
        for content in CONTENTS:
            try:
                content.folder()
                self.contents.append(content)
            except Skip as why:
                self.skipped[content.kind] = why
        if not self.contents:
            raise Skip('; '.join(str(why) for why in self.skipped.values()))
        self.target = build(self)

    def removed(self):
        return [path for content in self.contents for path in removed(content)]


def removed(content):
    """The paths of a content that go away."""
    return sorted(os.path.relpath(path, content.folder()) for pattern in content.removed
                  for path in glob.glob(f'{content.folder()}/{pattern}'))


@once
def truth(work, content):
    """What is left of a content in the end."""
    left = f'{work}/left-{content.kind}'
    output('cp', '-a', content.folder(), left)
    before = content.truth(left)
    for path in removed(content):
        output('rm', '-rf', f'{left}/{path}')
    after = content.truth(left)
    if not after < before:
        raise Failure(f'the later layer removes nothing of {content.kind}')
    return after


# ---- umoci

def umoci_build(filled):
    """A minimal system, a layer for each part of a content, and one for each path that goes away."""
    layout = f'{filled.work}/layout'
    output('cp', '-a', any_system(filled.all_work, 'jammy', 'bullseye', 'bookworm', 'trixie').layout, layout)
    insert = ['umoci', 'insert', *([] if os.geteuid() == 0 else ['--rootless']), '--image', f'{layout}:system']
    for content in filled.contents:
        for top in sorted(os.listdir(content.folder())):
            output(*insert, f'{content.folder()}/{top}', f'/{top}')
    for path in filled.removed():
        output(*insert, '--whiteout', f'/{path}')
    return f'oci:{layout}:system'


# ---- buildah

class Buildah:
    """buildah with a storage of its own, and with nothing of this machine's configuration."""

    def __init__(self, work):
        self.work, self.root = work, f'{work}/storage'
        self.options = ['--root', self.root, '--runroot', f'{work}/storage-run', '--storage-driver', 'vfs']
        self.write('policy.json', json.dumps({'default': [{'type': 'insecureAcceptAnything'}]}))
        self.write('registries.conf', '')
        self.write('storage.conf', '[storage]\ndriver = "vfs"\n')
        self.env = {**os.environ, 'CONTAINERS_STORAGE_CONF': f'{work}/storage.conf', 'TMPDIR': work,
                    'CONTAINERS_REGISTRIES_CONF': f'{work}/registries.conf'}

    def write(self, name, text):
        with open(f'{self.work}/{name}', 'w') as out:
            out.write(text)

    def __call__(self, verb, *args):
        return output('buildah', *self.options, verb, '--signature-policy', f'{self.work}/policy.json', *args,
                      env=self.env)

    def build(self, tag, context, lines):
        self.write('Containerfile', ''.join(f'{line}\n' for line in lines))
        self('build', '--layers=false', '--isolation', 'chroot', '-q', '-f', f'{self.work}/Containerfile', '-t', tag,
             context)


IMAGE = 'example.org/team/shop:1.4.0'


def buildah_build(filled):
    """What runs in the image removes what an earlier layer brought. Below is nothing but a program that can do that."""
    if os.geteuid() != 0:
        raise Skip('building images with chroot isolation takes root')
    buildah = filled.buildah = Buildah(filled.work)
    context = f'{filled.work}/context'
    os.makedirs(context)
    shutil.copy(packaged('busybox', 'busybox-static'), f'{context}/busybox')
    for content in filled.contents:
        output('cp', '-a', content.folder(), f'{context}/{content.kind}')
    buildah.build('localhost/step', context, ['FROM scratch', 'COPY busybox /bin/',
                                              *(f'COPY {content.kind}/ /' for content in filled.contents)])
    shutil.rmtree(context)
    os.makedirs(context)
    remove = ['/bin/busybox', 'rm', '-rf', *(f'/{path}' for path in filled.removed())]
    buildah.build(IMAGE, context, ['FROM localhost/step', f'RUN {json.dumps(remove)}',
                                   'LABEL org.opencontainers.image.title=shop', 'USER 10001'])
    return f'containers-storage:{buildah.root}:{IMAGE}'


# ---- cases

BUILDERS = {'umoci': umoci_build, 'buildah': buildah_build}


@once
def filled(work, how):
    return Filled(work, how, BUILDERS[how])


def listed(target, *more):
    """Packages of languages, spelled as the truth is."""
    components = bill(target, *more)
    return {content.form(p) for content in CONTENTS for p in purls(components, content.kind)}


@once
def listed_first(work, how):
    return listed(filled(work, how).target)


def case_kind(how, content, work):
    image = filled(work, how)
    if content.kind in image.skipped:
        raise image.skipped[content.kind]
    ours = {package for package in listed_first(work, how) if package[0] == content.kind}
    same(content.kind, ours, truth(work, content))
    return f'{len(ours)} packages'


def case_forms(work):
    """What buildah keeps, and what it hands on."""
    image, expected = filled(work, 'buildah'), listed_first(work, 'buildah')
    told = ['containers-storage']
    for kind in ('oci-archive', 'docker-archive'):
        archive = f'{image.work}/{kind}.tar'
        image.buildah('push', '-q', IMAGE, f'{kind}:{archive}:{IMAGE}')
        same(kind, listed(f'{kind}:{archive}:{IMAGE}'), expected)
        told.append(kind)
    try:
        registry = Registry(image.work)
    except Skip as why:
        return f'{", ".join(told)} (no registry: {why})'
    try:
        name = f'{registry.host}/team/shop:1.4.0'
        image.buildah('push', '-q', '--cert-dir', registry.certificates(), '--creds', registry.LOGIN, IMAGE,
                      f'docker://{name}')
        same('registry', listed(name, *registry.options()), expected)
    finally:
        registry.end()
    return f'{", ".join(told)}, registry'


CASES = [(f'languages {how} {content.kind}', functools.partial(case_kind, how, content))
         for how in BUILDERS for content in CONTENTS] + [('languages buildah forms', case_forms)]
