"""What goes into images besides a system: real packages of npm, Python, Go and Java, and what there is of them
by their own tools.

A content has a folder, kept from run to run (whoever changes how one is made changes FORM), which is laid over the
root of an image. truth(ROOT) gives
what is installed below ROOT, as triples of package URLs; removed are the paths that a later layer takes away.
"""

import glob
import importlib.metadata
import io
import json
import os
import re
import shutil
import subprocess
import zipfile

from base import Failure, Skip, debian_package, keep, need, output, same

FORM = 1

# ---- npm

NPM_PROJECT = {
    'name': 'shop', 'version': '1.4.0', 'private': True,
    'dependencies': {'express': '4.17.1', 'lodash': '4.17.15', '@babel/code-frame': '7.12.13',
                     'lodash-before': 'npm:lodash@4.17.11', 'npm': '1.4.29'},
    'devDependencies': {'semver': '7.3.5'}}


def npm_install(folder, *more):
    done = subprocess.run(['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', *more], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
    if done.returncode:
        raise Skip('npm could not install packages; it needs a registry that it can reach')


def npm_make(folder):
    """A project with scopes, an alias, nested copies and bundled packages; and a tool for everybody."""
    need('npm', 'npm')
    project = f'{folder}/srv/shop'
    os.makedirs(project)
    with open(f'{project}/package.json', 'w') as out:
        json.dump(NPM_PROJECT, out)
    npm_install(project)
    npm_install(folder, '--global', '--prefix', f'{folder}/usr/local', 'cowsay@1.5.0')


def npm_listed(tree, found):
    """What `npm ls` says; its names are those of folders, which an alias gives."""
    for name, about in tree.get('dependencies', {}).items():
        if 'version' in about and not about.get('missing'):
            found.add((name, about['version']))
        npm_listed(about, found)
    return found


def npm_locked(root, project):
    """The packages of package-lock.json whose folders are there: what each is, and what its folder is called."""
    with open(f'{root}/{project}/package-lock.json') as f:
        packages = json.load(f)['packages']
    for path, about in packages.items():
        if path and os.path.isdir(f'{root}/{project}/{path}'):
            folder = path.rpartition('node_modules/')[2]
            yield about.get('name', folder), folder, about['version']


def npm_truth(root):
    need('npm', 'npm')
    locked = list(npm_locked(root, 'srv/shop'))
    # Not output(): npm's status tells that something was removed, too.
    listed = npm_listed(json.loads(subprocess.run(
        ['npm', 'ls', '--all', '--json'], cwd=f'{root}/srv/shop', stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        check=False).stdout), set())
    same('npm ls and package-lock.json', listed, {(folder, version) for _, folder, version in locked})
    tools = json.loads(output('npm', 'ls', '--all', '--json', '--global', '--prefix', f'{root}/usr/local'))
    return {('npm', name, version)
            for name, version in {(name, version) for name, _, version in locked} | npm_listed(tools, set())}


# ---- Python

WHEELS = [('Shop.Catalogue', '1!2.0'), ('shop_prices', '1.0.post3'), ('ShopOrders', '2.1rc4'),
          ('shop-stock', '0.9+city.2'), ('shop', '3.2.dev5')]
PYTHON_PACKAGES = ['python3-requests', 'python3-yaml', 'python3-jinja2', 'python3-werkzeug', 'python3-paramiko',
                   'python3-simplejson', 'python3-urllib3', 'python3-six', 'python3-pastedeploy',
                   'python3-zope.interface', 'python3-ruamel.yaml', 'python3-flask', 'python3-pip']
OLD_PYTHON = 'opt/old/lib/python3/dist-packages'


def make_wheel(folder, name, version):
    stem = f'{re.sub("[-_.]+", "_", name)}-{version}'
    module = re.sub('[-_.]+', '_', name).lower()
    files = {f'{module}/__init__.py': '',
             f'{stem}.dist-info/METADATA': f'Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n'
                                           'License: MIT\n\nName: not this\nVersion: 0\n',
             f'{stem}.dist-info/WHEEL': 'Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\n'
                                        'Tag: py3-none-any\n'}
    files[f'{stem}.dist-info/RECORD'] = ''.join(f'{path},,\n' for path in files) + f'{stem}.dist-info/RECORD,,\n'
    with zipfile.ZipFile(f'{folder}/{stem}-py3-none-any.whl', 'w') as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)


def python_make(folder):
    """An environment with what pip installs, and what Debian's packages have (distutils left egg-info there)."""
    need('python3', 'python3')
    environment, wheels = f'{folder}/opt/environment', f'{folder}.wheels'
    os.makedirs(f'{folder}/opt')
    done = subprocess.run(['python3', '-m', 'venv', '--copies', environment], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300, check=False)
    if done.returncode:
        raise Skip('Python makes no environments here (Debian package python3-venv)')
    os.makedirs(wheels)
    try:
        for name, version in WHEELS:
            make_wheel(wheels, name, version)
        output(f'{environment}/bin/python3', '-m', 'pip', 'install', '-q', '--no-index', '--no-compile',
               *sorted(glob.glob(f'{wheels}/*.whl')))
    finally:
        shutil.rmtree(wheels)
    for cached in glob.glob(f'{folder}/**/__pycache__', recursive=True):
        shutil.rmtree(cached, ignore_errors=True)  # lib64 leads there, too
    os.makedirs(f'{folder}/opt/old/lib')
    for package in PYTHON_PACKAGES:
        shutil.copytree(f'{debian_package(package)}/usr/lib/python3', f'{folder}/opt/old/lib/python3', symlinks=True,
                        dirs_exist_ok=True)


def python_truth(root):
    if subprocess.run(['python3', '-m', 'pip', '--version'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                      check=False).returncode:
        raise Skip('pip is not installed (Debian package python3-pip)')
    found = set()
    for path in [f'{root}/{OLD_PYTHON}', *glob.glob(f'{root}/opt/environment/lib/python3*/site-packages')]:
        metadata = {(d.metadata['Name'], d.version) for d in importlib.metadata.distributions(path=[path])}
        pip = json.loads(output('python3', '-m', 'pip', '--disable-pip-version-check', 'list', '--path', path,
                                '--format', 'json', env={**os.environ, 'PIP_CONFIG_FILE': os.devnull}))
        same(f'pip and importlib.metadata, {path}', {(python_name(p['name']), p['version']) for p in pip},
             {(python_name(name), version) for name, version in metadata})
        found |= metadata
    return {('pypi', python_name(name), version) for name, version in found}


def python_name(name):
    return re.sub('[-_.]+', '-', name).lower()


# ---- Go

# A proxy in a folder: modules with majors, capitals, commits, builds, and some of Debian's.
GO_MODULES = {
    'example.org/lib/one': 'v1.2.3',
    'example.org/lib/two/v2': 'v2.0.1',
    'example.org/lib/three': 'v3.1.0+incompatible',
    'example.org/lib/four': 'v0.0.0-20210405060708-0123456789ab',
    'example.org/Upper/Case': 'v0.4.0-rc.1',
    'example.org/lib/before': 'v1.0.0',
    'example.org/lib/after': 'v1.1.0',
    'example.org/lib/elsewhere': 'v1.0.0',
}
GO_OF_DEBIAN = {
    'github.com/google/uuid': ('v1.3.0', 'golang-github-google-uuid-dev'),
    'github.com/pkg/errors': ('v0.9.1', 'golang-github-pkg-errors-dev'),
    'github.com/BurntSushi/toml': ('v1.2.0', 'golang-github-burntsushi-toml-dev'),
    'gopkg.in/yaml.v2': ('v2.4.0', 'golang-gopkg-yaml.v2-dev'),
}
GO_PROGRAMS = {'plain': {}, 'stripped': {'flags': ['-ldflags=-s -w', '-trimpath']},
               'pie': {'flags': ['-buildmode=pie']}, 'arm64': {'env': {'GOARCH': 'arm64'}},
               'shop.exe': {'env': {'GOOS': 'windows'}}}


def go_escape(path):
    return re.sub('[A-Z]', lambda m: '!' + m.group().lower(), path)


def go_offer(proxy, module, version, files):
    where = f'{proxy}/{go_escape(module)}/@v'
    os.makedirs(where)
    with open(f'{where}/{version}.info', 'w') as out:
        json.dump({'Version': version, 'Time': '2021-04-05T06:07:08Z'}, out)
    with open(f'{where}/{version}.mod', 'w') as out:
        # What they need besides was vendored or is for tests.
        out.write(f'module {module}\n')
    with zipfile.ZipFile(f'{where}/{version}.zip', 'w') as packed:
        for path, text in files.items():
            packed.writestr(f'{module}@{version}/{path}', text)


def go_sources(folder):
    files = {}
    for path in sorted(glob.glob(f'{folder}/**/*.go', recursive=True)):
        with open(path, 'rb') as f:
            files[os.path.relpath(path, folder)] = f.read()
    return files


def go_make(folder):
    need('go', 'golang-go')
    proxy, work = f'{folder}.proxy', f'{folder}.work'
    os.makedirs(f'{folder}/usr/local/bin')
    os.makedirs(f'{work}/local')
    try:
        for module, version in GO_MODULES.items():
            go_offer(proxy, module, version, {'x.go': 'package x\n\nvar X = "x"\n'})
        for module, (version, package) in GO_OF_DEBIAN.items():
            go_offer(proxy, module, version, go_sources(f'{debian_package(package)}/usr/share/gocode/src/{module}'))
        go_write_program(work)
        go_build(folder, work, proxy)
    finally:
        for path in (proxy, work):
            subprocess.run(['chmod', '-R', 'u+w', path], check=False)
            shutil.rmtree(path, ignore_errors=True)


def go_write_program(work):
    versions = {**GO_MODULES, **{module: version for module, (version, _) in GO_OF_DEBIAN.items()},
                'example.org/lib/local': 'v1.0.0'}
    # One takes the place of another, one is for another processor.
    used = [module for module in versions if module not in ('example.org/lib/after', 'example.org/lib/elsewhere')]
    with open(f'{work}/go.mod', 'w') as out:
        out.write('module example.org/shop\n\ngo 1.18\n\n')
        out.writelines(f'require {module} {versions[module]}\n' for module in [*used, 'example.org/lib/elsewhere'])
        out.write('replace example.org/lib/before => example.org/lib/after v1.1.0\n'
                  'replace example.org/lib/local => ./local\n')
    with open(f'{work}/local/go.mod', 'w') as out:
        out.write('module example.org/lib/local\n')
    with open(f'{work}/local/x.go', 'w') as out:
        out.write('package x\n')
    with open(f'{work}/main.go', 'w') as out:
        out.write('package main\n\nimport (\n')
        out.writelines(f'\t_ "{module}"\n' for module in used)
        out.write(')\n\nfunc main() { println("shop") }\n')
    with open(f'{work}/main_arm64.go', 'w') as out:
        out.write('package main\n\nimport _ "example.org/lib/elsewhere"\n')


def go_build(folder, work, proxy):
    env = {**os.environ, 'GOPROXY': f'file://{proxy}', 'GOSUMDB': 'off', 'GOFLAGS': '-mod=mod', 'GO111MODULE': 'on',
           'GOPATH': f'{work}/path', 'GOCACHE': f'{work}/cache', 'CGO_ENABLED': '0', 'GOTOOLCHAIN': 'local',
           'GOWORK': 'off'}
    env.pop('GOROOT', None)
    for name, how in GO_PROGRAMS.items():
        output('go', 'build', *how.get('flags', []), '-o', f'{folder}/usr/local/bin/shop-{name}', '.', cwd=work,
               env={**env, **how.get('env', {})})


def go_listed(lines):
    """What `go version -m` says of the modules in one program; "(devel)" is no version, here or in package URLs."""
    found, last = set(), None
    for line in lines:
        words = line.split('\t')
        if words[1] == 'dep':
            last = words[2], words[3]
            found.add(last)
        elif words[1] == '=>':
            found.discard(last)
            # A folder has no version; what it stands for is known by its name.
            found.add((words[2], words[3]) if not words[2].startswith(('.', '/')) else (last[0], ''))
    return found


def go_truth(root):
    need('go', 'golang-go')
    found = set()
    for path in sorted(glob.glob(f'{root}/usr/local/bin/*')):
        first, *lines = output('go', 'version', '-m', path).decode().splitlines()
        listed = go_listed(lines)
        if not listed:
            raise Failure(f'go version -m {path} names no module')
        found |= listed | {('stdlib', first.rpartition(' go')[2]), ('example.org/shop', '')}
    return {('golang', name, version) for name, version in found}


# ---- Java

JAVA_PACKAGES = ['libcommons-lang3-java', 'libcommons-text-java', 'libguava-java', 'libgoogle-gson-java',
                 'liblog4j2-java', 'libjackson2-databind-java', 'libjackson2-core-java', 'libspring-core-java',
                 'libcommons-collections3-java', 'libslf4j-java', 'libpostgresql-jdbc-java']


def java_archives():
    """Path of an archive, and what Debian's Maven repository calls it."""
    for package in JAVA_PACKAGES:
        top = f'{debian_package(package)}/usr/share/maven-repo'
        for path in sorted(glob.glob(f'{top}/**/*.jar', recursive=True)):
            *group, artifact, version, _ = os.path.relpath(path, top).split('/')
            # Debian's own names, which are no releases.
            if version != 'debian' and not version.endswith('.x') and os.path.exists(path):
                yield path, '.'.join(group), artifact, version


def java_make(folder):
    """A folder of archives; a program with archives in it, as Spring Boot makes it; an ear with a war with jars."""
    library, inner = f'{folder}/opt/app/lib', []
    os.makedirs(library)
    names = []
    for path, group, artifact, version in java_archives():
        shutil.copyfile(path, f'{library}/{artifact}-{version}.jar')
        if artifact != 'gson':
            inner.append(f'{library}/{artifact}-{version}.jar')
        names.append([f'{artifact}-{version}.jar', group, artifact, version])
    if not names:
        raise Skip('there are no archives of Java')
    with zipfile.ZipFile(f'{folder}/opt/app/shop-1.4.0.jar', 'w') as boot:
        boot.writestr('META-INF/maven/com.example.shop/shop/pom.properties',
                      'version=1.4.0\ngroupId=com.example.shop\nartifactId=shop\n')
        for path in inner[::3]:
            boot.write(path, f'BOOT-INF/lib/{os.path.basename(path)}')
    war = io.BytesIO()
    with zipfile.ZipFile(war, 'w', zipfile.ZIP_DEFLATED) as packed:
        for path in inner[1::3]:
            packed.write(path, f'WEB-INF/lib/{os.path.basename(path)}')
        packed.writestr('META-INF/maven/com.example.shop/web/pom.properties',
                        '#Generated by Maven\r\nartifactId=web\r\ngroupId=com.example.shop\r\nversion=1.4.1\r\n')
    with zipfile.ZipFile(f'{folder}/opt/app/all.ear', 'w', zipfile.ZIP_DEFLATED) as ear:
        ear.writestr('web-1.4.1.war', war.getvalue())
        ear.writestr('META-INF/maven/com.example.shop/all/pom.properties',
                     'version = 1.4.2\ngroupId : com.example.shop\nartifactId all\n')
    with open(f'{folder}/opt/app/names.json', 'w') as out:
        json.dump(names, out)


def java_properties(text):
    found = {}
    for line in text.splitlines():
        name, _, value = re.sub(r'\s*[:=]\s*|\s+', '\0', line.strip(), 1).partition('\0')
        found[name] = value
    return ':'.join((found['groupId'], found['artifactId'])), found['version']


def java_walk(name, data, known, found):
    with zipfile.ZipFile(data) as archive:
        inside = [n for n in archive.namelist() if re.fullmatch(r'META-INF/maven/[^/]+/[^/]+/pom\.properties', n)]
        for path in inside:
            found.add(java_properties(archive.read(path).decode()))
        if not inside:
            found.add(known[name])
        for path in archive.namelist():
            if path.endswith(('.jar', '.war')):
                java_walk(os.path.basename(path), io.BytesIO(archive.read(path)), known, found)


def java_truth(root):
    """What pom.properties say, and for archives without them what Debian's Maven repository does."""
    with open(f'{root}/opt/app/names.json') as f:
        known = {file: (f'{group}:{artifact}', version) for file, group, artifact, version in json.load(f)}
    found = set()
    for path in glob.glob(f'{root}/opt/app/**/*.[jew]ar', recursive=True):
        java_walk(os.path.basename(path), path, known, found)
    return {('maven', name.replace(':', '/'), version) for name, version in found}


# ---- all of them

class Content:
    """kind is the type of package URLs; form gives one as truth() spells it."""

    def __init__(self, kind, make, truth, removed, form):
        self.kind, self.make, self.truth, self.removed, self.form = kind, make, truth, removed, form

    def folder(self):
        return keep(f'contents-{FORM}/{self.kind}', self.make)


def as_it_is(package):
    return package


def without_v(package):
    """The version of Go itself has no v in Go's own words."""
    kind, name, version = package
    return (kind, name, version.removeprefix('v')) if name == 'stdlib' else package


def python_form(package):
    kind, name, version = package
    return kind, python_name(name), version


CONTENTS = [
    Content('npm', npm_make, npm_truth, ['srv/shop/node_modules/lodash'], as_it_is),
    Content('pypi', python_make, python_truth, [f'{OLD_PYTHON}/Flask-*', f'{OLD_PYTHON}/flask'], python_form),
    Content('golang', go_make, go_truth, ['usr/local/bin/shop-arm64'], without_v),
    Content('maven', java_make, java_truth, ['opt/app/lib/gson-*'], as_it_is),
]
