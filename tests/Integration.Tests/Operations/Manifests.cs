using k8s;
using k8s.Models;

namespace Integration.Tests.Operations;

/// <summary>What <c>kubectl kustomize</c> makes of a folder, as objects of the Kubernetes API: a field that it does not know is an error.</summary>
internal sealed class Manifests(IReadOnlyList<object> objects)
{
    private static readonly Dictionary<string, Type> Types = new() { ["monitoring.coreos.com/v1/ServiceMonitor"] = typeof(ServiceMonitor) };

    public IReadOnlyList<object> Objects => objects;

    public V1Deployment Deployment => One<V1Deployment>();

    public V1PodSpec Pod => Deployment.Spec.Template.Spec;

    public V1Container Container => Pod.Containers.Single();

    /// <param name="folder">Below deploy/kubernetes.</param>
    public static Task<Manifests> BuildAsync(string folder) => BuildFromAsync(Repository.Deploy(Path.Combine("kubernetes", folder)));

    /// <summary>A folder with optional components added, as an operator adds them.</summary>
    public static async Task<Manifests> BuildWithAsync(string folder, params string[] components)
    {
        var overlay = Directory.CreateTempSubdirectory("overlay-");
        try
        {
            string Relative(string path) => Path.GetRelativePath(overlay.FullName, Repository.Deploy(Path.Combine("kubernetes", path)));
            await File.WriteAllLinesAsync(Path.Combine(overlay.FullName, "kustomization.yaml"),
            [
                $"resources: [{Relative(folder)}]",
                $"components: [{string.Join(", ", components.Select(component => Relative(Path.Combine("components", component))))}]",
            ]);
            return await BuildFromAsync(overlay.FullName);
        }
        finally
        {
            overlay.Delete(recursive: true);
        }
    }

    public static Manifests Parse(string yaml) => new(KubernetesYaml.LoadAllFromString(yaml, Types, strict: true));

    public T One<T>() => objects.OfType<T>().Single();

    public V1Service Service(string component) => objects.OfType<V1Service>().Single(service => service.Metadata.Labels["app.kubernetes.io/component"] == component);

    /// <summary>The settings that the pods get.</summary>
    public string Settings => One<V1ConfigMap>().Data["appsettings.json"];

    private static async Task<Manifests> BuildFromAsync(string folder) => Parse((await Tool.RunAsync("kubectl", "kustomize", folder)).Good().Output);
}
