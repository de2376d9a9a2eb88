#!/bin/sh
# Apply one folder to the current cluster: ./deploy.sh storefront
set -eu

cd "$(dirname "$0")"
folder=${1:?usage: deploy.sh FOLDER}

kubectl apply -f base/namespaces.yaml
if [ -f "$folder/kustomization.yaml" ]; then
    kubectl apply -k "$folder"
else
    kubectl apply --recursive -f "$folder"
fi
