using System.Text.Json;
using k8s.Models;

namespace Integration.Tests.Operations;

/// <summary>Compares the Kubernetes overlay of a hub, as <c>kubectl kustomize</c> builds it, with the program.</summary>
public sealed class HubOverlayTests : IAsyncLifetime
{
    private const string Overlay = "overlays/hub";

    private static readonly Lazy<Task<Manifests>> File = new(() => Manifests.BuildAsync(Overlay));
    private static readonly Lazy<Task<Manifests>> Database = new(() => Manifests.BuildWithOptionsAsync(Overlay));

    private Manifests _file = null!;
    private Manifests _database = null!;

    public async Task InitializeAsync() => (_file, _database) = (await File.Value, await Database.Value);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public void A_store_that_is_a_file_has_one_pod_and_a_volume_for_it()
    {
        Assert.Equal("Sqlite", Setting("Hub", "Store"));
        Assert.Equal(1, _file.StatefulSet.Spec.Replicas);
        var state = _file.StatefulSet.Spec.VolumeClaimTemplates.Single();
        Assert.True(state.Spec.Resources.Requests["storage"].ToDecimal() >= 10L << 30);
        var data = _file.Container.Env.Single(variable => variable.Name == "NetworkProtocol__Admin__DataPath").Value;
        var volume = _file.Container.VolumeMounts.Single(mount => mount.Name == state.Metadata.Name);
        Assert.StartsWith($"{volume.MountPath}/", data, StringComparison.Ordinal);
        Assert.Single(_file.Policy.Egress);
    }

    [Fact]
    public void With_PostgreSQL_several_pods_are_one_hub_and_may_reach_it()
    {
        Assert.Equal(2, _database.StatefulSet.Spec.Replicas);
        Assert.Equal(
            "PostgreSql", _database.Container.Env.Single(variable => variable.Name == "NetworkProtocol__Hub__Store").Value);
        Assert.Equal("5432", _database.Policy.Egress.Last().Ports.Single().Port.Value);
        Assert.Equal("network-protocol-credentials", SecretAt(_database, "/run/credentials")); // it has the connection string
        Assert.DoesNotContain(_database.Container.Env, variable => variable.Name.Contains("Connection", StringComparison.Ordinal));
        Assert.DoesNotContain(_database.Objects, item => item is V1Secret);
    }

    [Fact]
    public void An_edge_needs_a_certificate_of_the_mounted_authority()
    {
        Assert.Equal("Required", Setting("Server", "Tls", "ClientCertificates"));
        var authority = Setting("Server", "Tls", "ClientCaPath");
        Assert.Equal("network-protocol-edges", SecretAt(_file, Path.GetDirectoryName(authority)!));
        Assert.Equal("network-protocol-hub", _file.One<V1Namespace>().Metadata.Name);
        Assert.Equal("restricted", _file.One<V1Namespace>().Metadata.Labels["pod-security.kubernetes.io/enforce"]);
    }

    [Fact]
    public async Task The_program_takes_the_settings()
    {
        using var files = CertificateFiles.Create();
        using var settings = new MountedFolder(("appsettings.json", _file.Settings));
        var start = new System.Diagnostics.ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "NetworkProtocol.Web.dll"), "--check-config",
            $"--NetworkProtocol:Server:Tls:CertificatePath={files.Certificate}", $"--NetworkProtocol:Server:Tls:KeyPath={files.Key}",
            $"--NetworkProtocol:Server:Tls:ClientCaPath={files.Authority}",
        ]) { WorkingDirectory = AppContext.BaseDirectory };
        start.Environment["CONFIGURATION_DIRECTORY"] = settings.Path;
        Assert.Contains("The configuration is valid.", (await Tool.RunAsync(start)).Good().Output, StringComparison.Ordinal);
    }

    private static string SecretAt(Manifests manifests, string path)
    {
        var mount = manifests.Container.VolumeMounts.Single(mount => mount.MountPath == path);
        return manifests.Pod.Volumes.Single(volume => volume.Name == mount.Name).Secret.SecretName;
    }

    private string Setting(params string[] path)
    {
        using var settings = JsonDocument.Parse(_file.Settings);
        return path.Aggregate(settings.RootElement.GetProperty("NetworkProtocol"), (element, name) => element.GetProperty(name)).ToString();
    }
}
