using System.Text.Json;
using k8s.Models;
using NetworkProtocol.Server;

namespace Integration.Tests.Operations;

/// <summary>Compares the Kubernetes manifests, as <c>kubectl kustomize</c> builds them, with the API's model and the program.</summary>
public sealed class KubernetesTests : IAsyncLifetime
{
    private const string Name = "network-protocol";

    /// <summary>The time that the host waits after the drain (HttpExtensions).</summary>
    private static readonly TimeSpan HostMargin = TimeSpan.FromSeconds(10);

    /// <summary>The time that a stop waits for an OTLP receiver that does not answer: 5 s for each of three exporters.</summary>
    private static readonly TimeSpan OtlpMargin = TimeSpan.FromSeconds(15);

    private static readonly Lazy<Task<Manifests>> Production = new(() => Manifests.BuildWithOptionsAsync("overlays/production"));

    private Manifests _production = null!;

    public async Task InitializeAsync() => _production = await Production.Value;

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Base_and_overlay_have_all_objects_and_the_base_has_three_pods()
    {
        string[] kinds = [
            "ConfigMap", "NetworkPolicy", "NetworkPolicy", "PodDisruptionBudget", "Service", "Service", "ServiceAccount", "StatefulSet"];
        var plain = await Manifests.BuildAsync("base");
        Assert.Equal(kinds, Kinds(plain));
        Assert.Equal(3, plain.StatefulSet.Spec.Replicas);
        Assert.Equal(
            [.. kinds.Append("HorizontalPodAutoscaler").Append("Namespace").Append("ServiceMonitor").Order(StringComparer.Ordinal)],
            Kinds(_production));
        Assert.All(
            _production.Objects.Where(item => item is not V1Namespace), item => Assert.Equal(Name, Metadata(item).NamespaceProperty));
        Assert.Matches("^registry.example/network-protocol@sha256:[0-9a-f]{64}$", _production.Container.Image); // a tag may move
    }

    [Theory]
    [InlineData("", "", 1, "digest is the placeholder")]
    [InlineData(
        "digest: sha256:0{64}", "digest: sha256:1111111111111111111111111111111111111111111111111111111111111111",
        1, "newName is the placeholder")]
    [InlineData(
        "newName: .*\n.*digest: .*",
        "newName: registry.test/np\n    digest: sha256:1111111111111111111111111111111111111111111111111111111111111111",
        0, "registry.test/np@sha256:1111")]
    public async Task An_overlay_with_a_placeholder_for_the_image_is_refused(string placeholder, string value, int exitCode, string said)
    {
        var copy = Directory.CreateTempSubdirectory("kubernetes-");
        try
        {
            (await Tool.RunAsync("cp", "-R", Repository.Deploy("kubernetes/."), copy.FullName)).Good();
            var overlay = Path.Combine(copy.FullName, "overlays/production");
            var file = Path.Combine(overlay, "kustomization.yaml");
            var text = await File.ReadAllTextAsync(file);
            await File.WriteAllTextAsync(
                file, placeholder.Length == 0 ? text : System.Text.RegularExpressions.Regex.Replace(text, placeholder, value));
            var result = await Tool.RunAsync(Repository.Deploy("kubernetes/apply.sh"), "--check", overlay);
            Assert.Equal(exitCode, result.ExitCode);
            Assert.Contains(said, result.All, StringComparison.Ordinal);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_field_that_the_API_does_not_know_would_be_noticed() =>
        Assert.ThrowsAny<Exception>(() => Manifests.Parse("apiVersion: apps/v1\nkind: StatefulSet\nspec:\n  replica: 3\n"));

    [Fact]
    public void Probes_ask_what_the_program_answers_at_its_own_ports()
    {
        var container = _production.Container;
        Assert.Equal(
            [("protocol", PortOf(Setting("Server", "Listen"))), ("http", PortOf(Setting("Http", "Listen")))],
            container.Ports.Select(port => (port.Name, port.ContainerPort)));
        Assert.Equal(["/health", "/health", "/in-service"], Probes(container).Select(probe => probe.HttpGet.Path));
        Assert.All(Probes(container), probe => Assert.Equal("http", probe.HttpGet.Port.Value));
        Assert.All(Probes(container), probe => Assert.True(probe.TimeoutSeconds <= probe.PeriodSeconds));
    }

    [Fact]
    public void The_memory_limit_holds_the_worst_case()
    {
        var options = new ServerOptions
        {
            MaxConnections = int.Parse(Setting("Server", "MaxConnections"), System.Globalization.CultureInfo.InvariantCulture),
        };
        Assert.True(_production.Container.Resources.Limits["memory"].ToDecimal() >= NetworkProtocol.Server.Memory.MemoryNeed.Of(options));
    }

    [Fact]
    public void A_pod_is_not_killed_before_it_has_drained()
    {
        var options = new ServerOptions
        {
            DrainDelay = TimeSpan.Parse(Setting("Server", "DrainDelay")),
            ShutdownTimeout = TimeSpan.Parse(Setting("Server", "ShutdownTimeout")),
        };
        var sleep = TimeSpan.FromSeconds(_production.Container.Lifecycle.PreStop.Sleep.Seconds);
        var grace = TimeSpan.FromSeconds(_production.Pod.TerminationGracePeriodSeconds!.Value);
        Assert.True(sleep >= TimeSpan.FromSeconds(5), $"{sleep}");
        Assert.True(grace > sleep + options.DrainDelay.Value + options.ShutdownTimeout + HostMargin + OtlpMargin, $"{grace}");
    }

    [Fact]
    public void A_drained_pod_gets_no_newcomers_by_the_time_it_refuses_them()
    {
        var probe = _production.Container.ReadinessProbe;
        var longest = TimeSpan.FromSeconds((probe.PeriodSeconds!.Value + probe.TimeoutSeconds!.Value) * probe.FailureThreshold!.Value);
        Assert.True(TimeSpan.Parse(Setting("Server", "DrainDelay")) > longest, $"{longest}");
    }

    [Fact]
    public void A_pod_has_no_right_that_it_does_not_need()
    {
        var (pod, container) = (_production.Pod, _production.Container);
        Assert.False(pod.AutomountServiceAccountToken);
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
        Assert.Equal(Dockerfile.Read().One("USER").Text, $"{pod.SecurityContext.RunAsUser}:{pod.SecurityContext.RunAsGroup}");
        Assert.Equal(pod.SecurityContext.RunAsGroup, pod.SecurityContext.FsGroup);
        Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.Equal("restricted", _production.One<V1Namespace>().Metadata.Labels["pod-security.kubernetes.io/enforce"]);
        Assert.All(
            new[] { "memory", "ephemeral-storage" },
            resource =>
                Assert.True(container.Resources.Limits.ContainsKey(resource) && container.Resources.Requests.ContainsKey(resource)));
        var account = _production.One<V1ServiceAccount>();
        Assert.Equal((pod.ServiceAccountName, false), (account.Metadata.Name, account.AutomountServiceAccountToken));
    }

    [Fact]
    public void What_a_pod_knows_outlives_it()
    {
        var claim = _production.StatefulSet.Spec.VolumeClaimTemplates.Single();
        Assert.Equal(
            Dockerfile.Read().Environment["STATE_DIRECTORY"],
            _production.Container.VolumeMounts.Single(mount => mount.Name == claim.Metadata.Name).MountPath);
        Assert.Equal(["ReadWriteOnce"], claim.Spec.AccessModes);
        Assert.DoesNotContain(_production.Pod.Volumes, volume => volume.EmptyDir is not null);
        var retention = _production.StatefulSet.Spec.PersistentVolumeClaimRetentionPolicy;
        Assert.Equal(("Retain", "Retain"), (retention.WhenDeleted, retention.WhenScaled));
        Assert.Equal(_production.Service("http").Metadata.Name, _production.StatefulSet.Spec.ServiceName);
    }

    [Fact]
    public void Nobody_talks_to_anybody_unless_a_policy_lets_them()
    {
        var deny = _production.Objects.OfType<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "default-deny").Spec;
        Assert.True(deny.PodSelector.MatchLabels is null or { Count: 0 });
        Assert.Equal((true, true), (deny.Ingress is null, deny.Egress is null));
        Assert.Equal(["Ingress", "Egress"], deny.PolicyTypes);
    }

    [Fact]
    public async Task Affinity_is_an_option()
    {
        var affine = _production.Service("protocol").Spec;
        Assert.Equal(("ClientIP", 10_800), (affine.SessionAffinity, affine.SessionAffinityConfig.ClientIP.TimeoutSeconds));
        Assert.Null(_production.Service("http").Spec.SessionAffinity);
        Assert.Null((await Manifests.BuildAsync("overlays/production")).Service("protocol").Spec.SessionAffinity);
    }

    [Fact]
    public void Volumes_are_where_the_program_looks_and_secrets_renew()
    {
        var (pod, container) = (_production.Pod, _production.Container);
        string At(string volume) => container.VolumeMounts.Single(mount => mount.Name == volume).MountPath;
        string Variable(string name) => container.Env.Single(variable => variable.Name == name).Value;
        Assert.All(container.VolumeMounts, mount => Assert.Null(mount.SubPath)); // updates do not reach a subPath
        Assert.Equal(Variable("CONFIGURATION_DIRECTORY"), At("settings"));
        Assert.Equal(Variable("CREDENTIALS_DIRECTORY"), At("credentials"));
        Assert.Equal(Dockerfile.Read().Environment["STATE_DIRECTORY"], At("state"));
        // The file names of a secret of type kubernetes.io/tls.
        Assert.Equal($"{At("tls")}/tls.crt", Setting("Server", "Tls", "CertificatePath"));
        Assert.Equal($"{At("tls")}/tls.key", Setting("Server", "Tls", "KeyPath"));
        Assert.Equal(_production.One<V1ConfigMap>().Metadata.Name, pod.Volumes.Single(volume => volume.Name == "settings").ConfigMap.Name);
        Assert.All(
            pod.Volumes.Where(volume => volume.Secret is not null),
            volume => Assert.Equal(Convert.ToInt32("440", 8), volume.Secret.DefaultMode));
        Assert.DoesNotContain(_production.Objects, item => item is V1Secret);
    }

    [Fact]
    public async Task The_program_takes_the_settings()
    {
        using var files = CertificateFiles.Create();
        using var settings = new MountedFolder(("appsettings.json", _production.Settings));
        var start = new System.Diagnostics.ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "NetworkProtocol.Web.dll"), "--check-config",
            $"--NetworkProtocol:Server:Tls:CertificatePath={files.Certificate}", $"--NetworkProtocol:Server:Tls:KeyPath={files.Key}",
        ]) { WorkingDirectory = AppContext.BaseDirectory };
        start.Environment["CONFIGURATION_DIRECTORY"] = settings.Path;
        Assert.Contains("The configuration is valid.", (await Tool.RunAsync(start)).Good().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Services_policies_and_budgets_are_about_the_pods()
    {
        var labels = _production.StatefulSet.Spec.Template.Metadata.Labels;
        IDictionary<string, string>[] selectors =
        [
            _production.StatefulSet.Spec.Selector.MatchLabels,
            _production.Service("protocol").Spec.Selector, _production.Service("http").Spec.Selector,
            _production.Policy.PodSelector.MatchLabels, _production.One<V1PodDisruptionBudget>().Spec.Selector.MatchLabels,
            .. _production.Pod.TopologySpreadConstraints.Select(spread => spread.LabelSelector.MatchLabels),
        ];
        Assert.All(selectors, selector => Assert.All(selector, pair => Assert.Contains(pair, labels)));
        Assert.Equal(
            ["kubernetes.io/hostname", "topology.kubernetes.io/zone"],
            _production.Pod.TopologySpreadConstraints.Select(spread => spread.TopologyKey));
        foreach (var port in (V1ServicePort[])[.. _production.Service("protocol").Spec.Ports, .. _production.Service("http").Spec.Ports])
        {
            Assert.Equal(port.Port, _production.Container.Ports.Single(candidate => candidate.Name == port.TargetPort.Value).ContainerPort);
        }
    }

    [Fact]
    public void The_protocol_is_published_with_the_clients_addresses_and_nothing_else_is()
    {
        var (protocol, http) = (_production.Service("protocol").Spec, _production.Service("http").Spec);
        Assert.Equal(("LoadBalancer", "Local", "protocol"), (protocol.Type, protocol.ExternalTrafficPolicy, protocol.Ports.Single().Name));
        Assert.Equal(("None", null), (http.ClusterIP, http.Type));
        var policy = _production.Policy;
        Assert.Equal(["Ingress", "Egress"], policy.PolicyTypes);
        string PortsOf(V1NetworkPolicyIngressRule rule) => string.Join(' ', rule.Ports.Select(port => port.Port.Value));
        var (open, monitored) = (policy.Ingress.Single(rule => rule.FromProperty is null),
            policy.Ingress.Single(rule => rule.FromProperty is not null));
        Assert.Equal((Container("protocol"), Container("http")), (PortsOf(open), PortsOf(monitored)));
        Assert.Equal("monitoring", monitored.FromProperty.Single().NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]);
        Assert.Equal(["53 UDP", "53 TCP"], policy.Egress.Single().Ports.Select(port => $"{port.Port.Value} {port.Protocol}"));

        string Container(string name) =>
            _production.Container.Ports.Single(port => port.Name == name)
                .ContainerPort.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void The_autoscaler_goes_by_processor_and_connections_and_never_below_three_pods()
    {
        var autoscaler = _production.One<V2HorizontalPodAutoscaler>().Spec;
        var deployment = _production.StatefulSet;
        Assert.Equal(
            (deployment.ApiVersion, deployment.Kind, deployment.Metadata.Name),
            (autoscaler.ScaleTargetRef.ApiVersion, autoscaler.ScaleTargetRef.Kind, autoscaler.ScaleTargetRef.Name));
        Assert.Equal(3, autoscaler.MinReplicas);
        Assert.Null(deployment.Spec.Replicas); // otherwise each apply would reset the number
        var (processor, connections) = (autoscaler.Metrics[0], autoscaler.Metrics[1]);
        Assert.Equal("cpu", processor.Resource.Name);
        Assert.Equal(("connections_active", "AverageValue"), (connections.Pods.Metric.Name, connections.Pods.Target.Type));
        using var settings = JsonDocument.Parse(_production.Settings);
        var most = settings.RootElement.GetProperty("NetworkProtocol").GetProperty("Server").GetProperty("MaxConnections").GetInt32();
        Assert.InRange(connections.Pods.Target.AverageValue.ToInt32(), most / 2, most * 8 / 10);
        Assert.True(_production.Container.Resources.Requests.ContainsKey("cpu")); // utilization is a share of this request
        Assert.Equal("1", _production.One<V1PodDisruptionBudget>().Spec.MaxUnavailable.Value);
    }

    [Fact]
    public void Prometheus_finds_the_metrics_of_each_pod()
    {
        var monitor = _production.One<ServiceMonitor>().Spec;
        var service = _production.Service("http");
        Assert.All(monitor.Selector.MatchLabels, pair => Assert.Contains(pair, service.Metadata.Labels));
        Assert.NotEqual(monitor.Selector.MatchLabels, _production.Service("protocol").Metadata.Labels);
        Assert.Equal((service.Spec.Ports.Single().Name, "/metrics"), (monitor.Endpoints.Single().Port, monitor.Endpoints.Single().Path));
        Assert.Equal(Name, service.Metadata.Labels[monitor.JobLabel]);
    }

    private static IEnumerable<string> Kinds(Manifests manifests) =>
        manifests.Objects.Cast<k8s.IKubernetesObject>().Select(item => item.Kind).Order(StringComparer.Ordinal);

    private static V1ObjectMeta Metadata(object item) =>
        item is ServiceMonitor monitor ? monitor.Metadata : ((k8s.IKubernetesObject<V1ObjectMeta>)item).Metadata;

    private static IEnumerable<V1Probe> Probes(V1Container container) =>
        [container.StartupProbe, container.LivenessProbe, container.ReadinessProbe];

    private static int PortOf(string listen) => System.Net.IPEndPoint.Parse(listen).Port;

    private string Setting(params string[] path)
    {
        using var settings = JsonDocument.Parse(_production.Settings);
        return path.Aggregate(settings.RootElement.GetProperty("NetworkProtocol"), (element, name) => element.GetProperty(name)).ToString();
    }
}
