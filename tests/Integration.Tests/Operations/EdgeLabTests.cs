using System.Diagnostics;

namespace Integration.Tests.Operations;

/// <summary>Compares the lab of edges and hubs, as docker-compose reads it, with the program that it runs.</summary>
public sealed class EdgeLabTests : IAsyncLifetime
{
    private const string Socket = "NetworkProtocol__Edge__LocalSocket";

    private static readonly Lazy<Task<ComposeFile>> Lab = new(() => ComposeFile.ReadAsync("edges.yaml"));

    private ComposeFile _lab = null!;

    private IEnumerable<ComposeService> Nodes => _lab.Services.Values.Where(service => service.Build is not null);

    public async Task InitializeAsync() => _lab = await Lab.Value;

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public void Two_edges_send_to_a_hub_and_that_to_the_cloud_on_PostgreSQL()
    {
        Assert.Equal(["cloud", "edge1", "edge2", "hub", "postgres"], _lab.Services.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("hub:8443", Setting("edge1", "Edge__HubAddress"));
        Assert.Equal("hub:8443", Setting("edge2", "Edge__HubAddress"));
        Assert.Equal(("Sqlite", "PostgreSql"), (Setting("hub", "Hub__Store"), Setting("cloud", "Hub__Store")));
        Assert.Equal(("cloud:8443", "Rollups"), (Setting("hub", "Hub__Forward__Address"), Setting("hub", "Hub__Forward__What")));
        foreach (var (one, other) in new[] { ("edge1", "hub"), ("edge2", "hub"), ("hub", "cloud"), ("cloud", "postgres") })
        {
            Assert.NotEmpty(_lab.Services[one].Networks.Keys.Intersect(_lab.Services[other].Networks.Keys));
        }

        Assert.Empty(_lab.Services["edge1"].Networks.Keys.Intersect(_lab.Services["postgres"].Networks.Keys));
        Assert.Equal(4, Nodes.Select(node => node.Volumes.Single()).Distinct().Count());
    }

    [Fact]
    public void Nothing_is_published_beyond_this_machine_and_nobody_has_rights_to_spare()
    {
        var ports = _lab.Services.Values.SelectMany(service => service.Ports).ToArray();
        Assert.All(ports, port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
        Assert.Equal(ports.Distinct(), ports);
        Assert.All(_lab.Services.Values, service =>
        {
            Assert.True(service.ReadOnly);
            Assert.Equal(["ALL"], service.CapDrop);
            Assert.Equal(["no-new-privileges:true"], service.SecurityOpt);
        });
    }

    [Fact]
    public void Secrets_are_files_that_the_repository_does_not_have()
    {
        var folder = Dockerfile.Read().Environment["CREDENTIALS_DIRECTORY"];
        Assert.Equal("/run/secrets", folder); // where compose mounts them, by their names
        Assert.Equal(["NetworkProtocol__Hub__ConnectionString"], _lab.Services["cloud"].Secrets.Select(secret => secret.Source));
        var database = _lab.Services["postgres"];
        Assert.Equal($"{folder}/{database.Secrets.Single().Source}", database.Environment["POSTGRES_PASSWORD_FILE"]);
        Assert.DoesNotContain(
            _lab.Services.Values.SelectMany(service => service.Environment),
            variable => variable.Key.Contains("PASSWORD", StringComparison.OrdinalIgnoreCase) && variable.Key != "POSTGRES_PASSWORD_FILE");
        var ignored = File.ReadAllLines(Path.Combine(Repository.Root, ".gitignore"));
        Assert.All(_lab.Secrets.Values, secret => Assert.Contains(
            $"/{Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(secret.File)!)}/", ignored));
    }

    [Theory]
    [InlineData("edge1")]
    [InlineData("edge2")]
    [InlineData("hub")]
    [InlineData("cloud")]
    public async Task The_program_takes_the_settings(string name)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "NetworkProtocol.Web.dll"), "--check-config"])
        {
            WorkingDirectory = AppContext.BaseDirectory,
        };
        foreach (var (variable, value) in _lab.Services[name].Environment)
        {
            start.Environment[variable] = value;
        }

        foreach (var secret in _lab.Services[name].Secrets)
        {
            start.Environment[secret.Source] = "Host=postgres;Database=hub;Username=postgres;Password=secret";
        }

        if (start.Environment.TryGetValue(Socket, out var socket))
        {
            Assert.Equal(Dockerfile.Read().Environment["STATE_DIRECTORY"], Path.GetDirectoryName(socket));
            start.Environment[Socket] = Path.Combine(Path.GetTempPath(), "lab-sensor.sock"); // in a folder that exists here
        }

        Assert.Contains("The configuration is valid.", (await Tool.RunAsync(start)).Good().Output, StringComparison.Ordinal);
    }

    private string Setting(string service, string name) => _lab.Services[service].Environment[$"NetworkProtocol__{name}"];
}
