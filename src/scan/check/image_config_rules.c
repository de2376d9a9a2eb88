#include "scan/check/check_int.h"
#include "scan/check/image_config_int.h"

static const struct str practice_references[] = {STR_INIT(CHECK_PRACTICES_URL),
                                                 STR_INIT(CHECK_CIS_URL)};
static const struct str secret_references[] = {
    STR_INIT("https://docs.docker.com/build/building/secrets/"), STR_INIT(CHECK_CIS_URL)};
static const struct str user_references[] = {
    STR_INIT("https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"),
    STR_INIT(CHECK_CIS_URL)};
static const struct str config_references[] = {
    STR_INIT("https://github.com/opencontainers/image-spec/blob/main/config.md")};
static const struct str label_references[] = {
    STR_INIT("https://github.com/opencontainers/image-spec/blob/main/annotations.md")};
static const struct str signature_references[] = {
    STR_INIT("https://docs.sigstore.dev/cosign/signing/signing_with_containers/"),
    STR_INIT(CHECK_CIS_URL)};

static const struct control secret_controls[] = {CHECK_CIS("4.10"), CHECK_DOCKLE("CIS-DI-0010"),
                                                 CHECK_TRIVY("DS-0031"), CHECK_MITRE("T1552")};
static const struct control user_controls[] = {CHECK_CIS("4.1"), CHECK_DOCKLE("CIS-DI-0001"),
                                               CHECK_TRIVY("DS-0002"), CHECK_HADOLINT("DL3002")};
static const struct control volume_controls[] = {CHECK_DOCKLE("DKL-DI-0002")};
static const struct control remote_controls[] = {CHECK_TRIVY("DS-0004")};
static const struct control verified_controls[] = {CHECK_CIS("4.11"), CHECK_DOCKLE("CIS-DI-0011")};
static const struct control add_url_controls[] = {
    CHECK_CIS("4.9"), CHECK_CIS("4.11"), CHECK_DOCKLE("CIS-DI-0009"), CHECK_TRIVY("DS-0005")};
static const struct control add_controls[] = {CHECK_CIS("4.9"), CHECK_DOCKLE("CIS-DI-0009"),
                                              CHECK_TRIVY("DS-0005"), CHECK_HADOLINT("DL3020")};
static const struct control sudo_controls[] = {CHECK_DOCKLE("DKL-DI-0001"), CHECK_TRIVY("DS-0010"),
                                               CHECK_HADOLINT("DL3004")};
static const struct control ssh_controls[] = {CHECK_CIS("4.3"), CHECK_DOCKLE("CIS-DI-0003")};
static const struct control update_controls[] = {CHECK_CIS("4.7"), CHECK_DOCKLE("CIS-DI-0007"),
                                                 CHECK_TRIVY("DS-0017")};
static const struct control upgrade_controls[] = {CHECK_DOCKLE("DKL-DI-0003"),
                                                  CHECK_TRIVY("DS-0024"), CHECK_HADOLINT("DL3005")};
static const struct control recommends_controls[] = {CHECK_CIS("4.3"), CHECK_DOCKLE("CIS-DI-0003"),
                                                     CHECK_TRIVY("DS-0029"),
                                                     CHECK_HADOLINT("DL3015")};
static const struct control cache_controls[] = {
    CHECK_DOCKLE("DKL-DI-0004"), CHECK_DOCKLE("DKL-DI-0005"), CHECK_TRIVY("DS-0015"),
    CHECK_TRIVY("DS-0019"),      CHECK_TRIVY("DS-0020"),      CHECK_TRIVY("DS-0025"),
    CHECK_TRIVY("DS-0027"),      CHECK_HADOLINT("DL3009"),    CHECK_HADOLINT("DL3019"),
    CHECK_HADOLINT("DL3032"),    CHECK_HADOLINT("DL3036"),    CHECK_HADOLINT("DL3040"),
    CHECK_HADOLINT("DL3042")};
static const struct control latest_controls[] = {CHECK_DOCKLE("DKL-DI-0006"),
                                                 CHECK_TRIVY("DS-0001"), CHECK_HADOLINT("DL3007")};
static const struct control base_controls[] = {CHECK_CIS("4.2"), CHECK_DOCKLE("CIS-DI-0002"),
                                               CHECK_DOCKLE("DKL-DI-0006")};
static const struct control registry_controls[] = {CHECK_CIS("4.2"), CHECK_DOCKLE("CIS-DI-0002")};
static const struct control age_controls[] = {CHECK_CIS("4.4"), CHECK_DOCKLE("CIS-DI-0004")};
static const struct control signature_controls[] = {CHECK_CIS("4.5"), CHECK_CIS("4.12"),
                                                    CHECK_DOCKLE("CIS-DI-0005")};
static const struct control health_controls[] = {CHECK_CIS("4.6"), CHECK_DOCKLE("CIS-DI-0006"),
                                                 CHECK_TRIVY("DS-0026")};

const struct rule image_config_rules[IMAGE_CONFIG_RULES] = {
    [IMAGE_RULE_SECRET_ENV] =
        {
            .id = STR_INIT("image-secret-env"),
            .title = STR_INIT("A variable of the image holds a secret, by its name"),
            .why = STR_INIT(
                "The environment is part of the image: everybody who can pull it reads the value, "
                "and every process of the container inherits it."),
            .remedy = STR_INIT(
                "Replace the secret, take the variable out of the Dockerfile, and set it from a "
                "Secret when the container starts."),
            .severity = SEVERITY_HIGH,
            CHECK_REFERENCES(secret_references),
            CHECK_CONTROLS(secret_controls),
        },
    [IMAGE_RULE_SECRET_BUILD_ARG] =
        {
            .id = STR_INIT("image-secret-build-arg"),
            .title = STR_INIT("A secret was given to the build as an argument"),
            .why =
                STR_INIT("Build arguments are kept in the history of the image with their values."),
            .remedy =
                STR_INIT("Replace the secret, and hand it over with RUN --mount=type=secret."),
            .severity = SEVERITY_HIGH,
            CHECK_REFERENCES(secret_references),
            CHECK_CONTROLS(secret_controls),
        },
    [IMAGE_RULE_SECRET_COMMAND] =
        {
            .id = STR_INIT("image-secret-command"),
            .title = STR_INIT("A command of the build has a secret in it"),
            .why = STR_INIT("The history keeps every command of the build as it was written."),
            .remedy = STR_INIT("Replace the secret, and let the command read it from a file that "
                               "RUN --mount=type=secret gives it."),
            .severity = SEVERITY_HIGH,
            CHECK_REFERENCES(secret_references),
            CHECK_CONTROLS(secret_controls),
        },
    [IMAGE_RULE_SECRET_LABEL] =
        {
            .id = STR_INIT("image-secret-label"),
            .title = STR_INIT("A label of the image holds a secret, by its name"),
            .why = STR_INIT("Labels are shown by registries and by every tool that lists images."),
            .remedy = STR_INIT("Replace the secret and remove the label."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(secret_references),
            CHECK_CONTROLS(secret_controls),
        },
    [IMAGE_RULE_USER_ROOT] =
        {
            .id = STR_INIT("image-user-root"),
            .title = STR_INIT("Containers of the image start as root"),
            .why =
                STR_INIT("Root in a container is root of its files, has capabilities that others "
                         "lack, and is "
                         "root of the host if it gets out."),
            .remedy = STR_INIT(
                "End the Dockerfile with USER and a number (USER 10001); until then set runAsUser "
                "and runAsNonRoot in the pod."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(user_references),
            CHECK_CONTROLS(user_controls),
        },
    [IMAGE_RULE_USER_NAME] =
        {
            .id = STR_INIT("image-user-name"),
            .title = STR_INIT("The image's user is a name"),
            .why =
                STR_INIT("With runAsNonRoot the kubelet refuses to start an image whose user is a "
                         "name, because it "
                         "cannot tell that it is not root."),
            .remedy = STR_INIT("Write the number of the user: USER 10001."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(user_references),
        },
    [IMAGE_RULE_ENV_PATH] =
        {
            .id = STR_INIT("image-search-path"),
            .title = STR_INIT("Programs or libraries are searched where others may write"),
            .why = STR_INIT("Whoever can put a file there decides what root runs."),
            .remedy = STR_INIT("Keep to absolute directories that belong to root."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(config_references),
        },
    [IMAGE_RULE_ENV_UNVERIFIED] =
        {
            .id = STR_INIT("image-env-unverified"),
            .title = STR_INIT("A variable switches the checking of certificates off"),
            .why = STR_INIT(
                "Every connection of the container can then be read and changed on its way."),
            .remedy = STR_INIT(
                "Remove the variable; add your own authority's certificate where that is the "
                "reason."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(config_references),
            CHECK_CONTROLS(verified_controls),
        },
    [IMAGE_RULE_VOLUME] =
        {
            .id = STR_INIT("image-volume-sensitive"),
            .title = STR_INIT("A directory of the system is declared a volume"),
            .why = STR_INIT(
                "A volume there hides files that the system needs, or asks for those of the host."),
            .remedy = STR_INIT("Declare a directory of the application's own."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(config_references),
            CHECK_CONTROLS(volume_controls),
        },
    [IMAGE_RULE_PORT_REMOTE] =
        {
            .id = STR_INIT("image-port-remote"),
            .title = STR_INIT("A port for remote access is exposed"),
            .why = STR_INIT(
                "A container with a remote shell has keys or passwords of its own to lose; "
                "kubectl exec "
                "needs none."),
            .remedy = STR_INIT("Remove the service and its EXPOSE."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(remote_controls),
        },
    [IMAGE_RULE_PORT_PRIVILEGED] =
        {
            .id = STR_INIT("image-port-privileged"),
            .title = STR_INIT("A port below 1024 is exposed"),
            .why = STR_INIT(
                "On many systems only root, or who has NET_BIND_SERVICE, may listen there, so the "
                "container is run with more rights than it needs."),
            .remedy = STR_INIT("Listen above 1023 and let the Service map the port."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
        },
    [IMAGE_RULE_PIPE_TO_SHELL] =
        {
            .id = STR_INIT("image-pipe-to-shell"),
            .title = STR_INIT("The build ran a script as it came from the network"),
            .why = STR_INIT(
                "Nobody has seen what was run, and the next build may run something else."),
            .remedy =
                STR_INIT("Download a version that is named, compare its checksum, then run it."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(verified_controls),
        },
    [IMAGE_RULE_UNVERIFIED] =
        {
            .id = STR_INIT("image-unverified"),
            .title = STR_INIT("The build took packages or files without checking them"),
            .why = STR_INIT(
                "Without signature or certificate, whoever stood between the build and the "
                "server chose "
                "what is in the image."),
            .remedy =
                STR_INIT("Install the key or certificate that is missing, and drop the option."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(verified_controls),
        },
    [IMAGE_RULE_PLAIN_HTTP] =
        {
            .id = STR_INIT("image-plain-http"),
            .title = STR_INIT("The build downloaded without encryption"),
            .why = STR_INIT("What comes over plain HTTP can be changed on its way."),
            .remedy = STR_INIT("Use https, and compare a checksum."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(verified_controls),
        },
    [IMAGE_RULE_ADD_URL] =
        {
            .id = STR_INIT("image-add-url"),
            .title = STR_INIT("The build added a file from a URL"),
            .why = STR_INIT(
                "The file is taken as it is, without a checksum, and may be another one in "
                "the next build."),
            .remedy = STR_INIT("ADD --checksum=sha256:..., or download and compare in RUN."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(add_url_controls),
        },
    [IMAGE_RULE_ADD] =
        {
            .id = STR_INIT("image-add"),
            .title = STR_INIT("The build used ADD where COPY does"),
            .why =
                STR_INIT("ADD unpacks archives and fetches URLs, which is seldom what is meant."),
            .remedy = STR_INIT("Use COPY, unless an archive is to be unpacked."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(add_controls),
        },
    [IMAGE_RULE_SUDO] =
        {
            .id = STR_INIT("image-sudo"),
            .title = STR_INIT("The build used sudo"),
            .why = STR_INIT(
                "sudo is in the image then, and lets a user of the container become root."),
            .remedy = STR_INIT("Do what needs root before USER, and leave sudo out of the image."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(sudo_controls),
        },
    [IMAGE_RULE_WORLD_WRITABLE] =
        {
            .id = STR_INIT("image-chmod-open"),
            .title = STR_INIT("The build let everybody write"),
            .why = STR_INIT("Any process of the container can change what others run or read."),
            .remedy = STR_INIT(
                "Give files to the user that needs them (chown, COPY --chown), with mode 755 "
                "or 644."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
        },
    [IMAGE_RULE_SSH_SERVER] =
        {
            .id = STR_INIT("image-ssh-server"),
            .title = STR_INIT("An SSH server was installed"),
            .why =
                STR_INIT("It is one more service to patch, with keys of its own; kubectl exec does "
                         "its work."),
            .remedy = STR_INIT("Leave it out."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(ssh_controls),
        },
    [IMAGE_RULE_UPDATE_ALONE] =
        {
            .id = STR_INIT("image-update-alone"),
            .title = STR_INIT("Lists of packages were updated in a step of their own"),
            .why = STR_INIT(
                "The step comes from the cache of builds, so later steps install from old lists, "
                "without the fixes since."),
            .remedy = STR_INIT("Update and install in one RUN instruction."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(update_controls),
        },
    [IMAGE_RULE_UPGRADE] =
        {
            .id = STR_INIT("image-upgrade"),
            .title = STR_INIT("The build upgraded all packages"),
            .why = STR_INIT(
                "What is in the image depends on the day of the build, and old files stay in "
                "the layers "
                "of the base."),
            .remedy =
                STR_INIT("Use a newer base; upgrade only what has a fix that the base lacks."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(upgrade_controls),
        },
    [IMAGE_RULE_DIST_UPGRADE] =
        {
            .id = STR_INIT("image-dist-upgrade"),
            .title = STR_INIT("The build upgraded the distribution"),
            .why = STR_INIT(
                "It may remove packages and change more than fixes, unseen, from one build "
                "to the next."),
            .remedy = STR_INIT("Use a base of the release that is meant."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(upgrade_controls),
        },
    [IMAGE_RULE_RECOMMENDS] =
        {
            .id = STR_INIT("image-recommends"),
            .title = STR_INIT("Packages that are only recommended were installed"),
            .why = STR_INIT("They are not needed, and each may have faults."),
            .remedy = STR_INIT("apt-get install --no-install-recommends, and name what is needed."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(recommends_controls),
        },
    [IMAGE_RULE_CACHE_LEFT] =
        {
            .id = STR_INIT("image-cache-left"),
            .title = STR_INIT("A step of the build left a package manager's cache behind"),
            .why = STR_INIT(
                "It makes the image larger, and stays in its layer whatever later steps delete."),
            .remedy =
                STR_INIT("Clean up in the same RUN instruction, or use RUN --mount=type=cache."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(cache_controls),
        },
    [IMAGE_RULE_LATEST] =
        {
            .id = STR_INIT("image-latest"),
            .title = STR_INIT("The image is named by the tag latest"),
            .why = STR_INIT(
                "The tag moves: what runs is not what was scanned, and nobody can go back."),
            .remedy = STR_INIT("Name a version, better a digest (NAME@sha256:...)."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(latest_controls),
        },
    [IMAGE_RULE_BASE_LATEST] =
        {
            .id = STR_INIT("image-base-latest"),
            .title = STR_INIT("The image was built from a base named latest"),
            .why = STR_INIT("The next build may have another base."),
            .remedy = STR_INIT("Name version or digest in FROM."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(base_controls),
        },
    [IMAGE_RULE_REGISTRY] =
        {
            .id = STR_INIT("image-registry-base"),
            .title = STR_INIT("The image or its base comes from a registry that is not allowed"),
            .why = STR_INIT("Whoever made the base has made most of the image."),
            .remedy = STR_INIT("Use images from the registries that allowedRegistries of the "
                               "configuration names, or add this one there."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(registry_controls),
        },
    [IMAGE_RULE_AGE] =
        {
            .id = STR_INIT("image-age"),
            .title = STR_INIT("The image is old"),
            .why = STR_INIT("Fixes since it was built are not in it."),
            .remedy = STR_INIT("Build it again from a base of today."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(age_controls),
        },
    [IMAGE_RULE_SIGNATURE] =
        {
            .id = STR_INIT("image-unsigned"),
            .title = STR_INIT("The image has no signature"),
            .why = STR_INIT(
                "Nothing shows who built it, and that it has not been replaced in the registry."),
            .remedy = STR_INIT(
                "Sign it in the pipeline that builds it, and let admission ask for the signature."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(signature_references),
            CHECK_CONTROLS(signature_controls),
        },
    [IMAGE_RULE_LABEL_MISSING] =
        {
            .id = STR_INIT("image-label-missing"),
            .title = STR_INIT("A label that is asked for is missing"),
            .why =
                STR_INIT("Labels tell whose image it is and from which source, when something is "
                         "found in it."),
            .remedy = STR_INIT("LABEL NAME=\"value\" in the Dockerfile."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(label_references),
        },
    [IMAGE_RULE_HEALTHCHECK] =
        {
            .id = STR_INIT("image-healthcheck"),
            .title = STR_INIT("The image has no health check"),
            .why =
                STR_INIT("Docker then takes a container for well as long as its process is there. "
                         "Kubernetes does not "
                         "look at this one; pods say it by probes."),
            .remedy =
                STR_INIT("HEALTHCHECK CMD ..., and liveness and readiness probes in the pod."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(health_controls),
        },
    [IMAGE_RULE_STOP_SIGNAL] =
        {
            .id = STR_INIT("image-stop-signal"),
            .title = STR_INIT("The image is stopped by a signal that cannot be handled"),
            .why = STR_INIT(
                "The program is ended in the middle of what it does, whatever time it is given."),
            .remedy = STR_INIT("STOPSIGNAL SIGTERM, or the signal the program ends by."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(config_references),
        },
    [IMAGE_RULE_SHELL_ENTRYPOINT] =
        {
            .id = STR_INIT("image-shell-entrypoint"),
            .title = STR_INIT("The program is started by a shell"),
            .why = STR_INIT(
                "The shell does not pass signals on, so the container is killed instead of "
                "stopped; and it "
                "has to be in the image."),
            .remedy =
                STR_INIT("Write the exec form, ENTRYPOINT [\"program\", \"argument\"], or exec the "
                         "program."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
        },
    [IMAGE_RULE_ON_BUILD] =
        {
            .id = STR_INIT("image-onbuild"),
            .title = STR_INIT("The image runs instructions in the builds of others"),
            .why = STR_INIT("Nothing in their Dockerfiles shows it."),
            .remedy = STR_INIT(
                "Look at them (docker inspect), and move them into the Dockerfiles that need "
                "them."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(config_references),
        },
};

const size_t image_config_rule_count = IMAGE_CONFIG_RULES;
