using k8s;
using k8s.Models;

namespace Integration.Tests.Operations;

/// <summary>The output of <c>kubectl kustomize</c> for a folder, as objects of the Kubernetes API. An unknown field is an error.</summary>
internal sealed class Manifests(IReadOnlyList<object> objects)
{
    private static readonly Dictionary<string, Type> Types = new() { ["monitoring.coreos.com/v1/ServiceMonitor"] = typeof(ServiceMonitor) };

    public IReadOnlyList<object> Objects => objects;

    public V1StatefulSet StatefulSet => One<V1StatefulSet>();

    public V1PodSpec Pod => StatefulSet.Spec.Template.Spec;

    public V1Container Container => Pod.Containers.Single();

    /// <param name="folder">A folder below deploy/kubernetes.</param>
    public static Task<Manifests> BuildAsync(string folder) => BuildFromAsync(Repository.Deploy(Path.Combine("kubernetes", folder)));

    /// <summary>Builds a folder with the lines that are comments in it, for features that not every cluster has.</summary>
    public static async Task<Manifests> BuildWithOptionsAsync(string folder)
    {
        var copy = Directory.CreateTempSubdirectory("kubernetes-");
        try
        {
            (await Tool.RunAsync("cp", "-R", Repository.Deploy("kubernetes/."), copy.FullName)).Good();
            var file = Path.Combine(copy.FullName, folder, "kustomization.yaml");
            var text = await File.ReadAllTextAsync(file);
            Assert.Contains("  # - ", text, StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, text.Replace("  # - ", "  - ", StringComparison.Ordinal));
            return await BuildFromAsync(Path.Combine(copy.FullName, folder));
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    public static Manifests Parse(string yaml) => new(KubernetesYaml.LoadAllFromString(yaml, Types, strict: true));

    public T One<T>() => objects.OfType<T>().Single();

    /// <summary>The network policy of the server's pods.</summary>
    public V1NetworkPolicySpec Policy =>
        objects.OfType<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "network-protocol").Spec;

    public V1Service Service(string component) =>
        objects.OfType<V1Service>().Single(service => service.Metadata.Labels["app.kubernetes.io/component"] == component);

    /// <summary>The settings that the pods get.</summary>
    public string Settings => One<V1ConfigMap>().Data["appsettings.json"];

    private static async Task<Manifests> BuildFromAsync(string folder) =>
        Parse((await Tool.RunAsync("kubectl", "kustomize", folder)).Good().Output);
}
