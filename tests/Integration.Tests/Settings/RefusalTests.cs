using System.Diagnostics;
using Integration.Tests.Operations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NetworkProtocol.Hub;
using NetworkProtocol.Server;
using NetworkProtocol.Web.Upstreams;

namespace Integration.Tests.Settings;

/// <summary>The real program's messages about settings that cannot be right, from each source of settings.</summary>
[Trait("Needs", "Program")]
public sealed class RefusalTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("refusal-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Every_source_is_checked_and_each_problem_is_one_line()
    {
        var settings = _folder.CreateSubdirectory("etc");
        var credentials = _folder.CreateSubdirectory("credentials");
        await File.WriteAllTextAsync(
            Path.Combine(settings.FullName, "appsettings.json"),
            """
            {
              "NetworkProtocol": {
                "Server": { "Listen": null, "TrustedProxies": { "a": "10.0.0.0/8" } },
                "Admin": { "OpenIdConnect": { "Authority": null } },
                "Upstreams": { "a": { "Addresses": ["h:1"], "CaPath": null } },
                "Log": { "File": null }
              }
            }
            """);
        await File.WriteAllTextAsync(Path.Combine(credentials.FullName, "NetworkProtocol__Admin__Users"), "hunter2\n\u001b[31m");
        var result = await CheckAsync(
            start =>
            {
                start.Environment["CONFIGURATION_DIRECTORY"] = settings.FullName;
                start.Environment["CREDENTIALS_DIRECTORY"] = credentials.FullName;
                start.Environment["NetworkProtocol__Http__MetricsNetworks"] = "10.0.9.0/24";
                start.Environment["NetworkProtocol__Http__Tls"] = "/x.pem";
                start.Environment["NetworkProtocol__Server__MaxConnections"] = "5";
                start.Environment["NETWORKPROTOCOL__SERVER__MAXCONNECTIONS"] = "6";
            },
            "--Serilog:MinimumLevel:Default=Verbos", "--Kestrel:Endpoints:More:Url=http://127.0.0.1:0");
        Assert.Equal(1, result.ExitCode);
        string[] expected =
        [
            "NetworkProtocol:Server:Listen = null: must be a text",
            "NetworkProtocol:Admin:OpenIdConnect:Authority = null: must be a text",
            "NetworkProtocol:Upstreams:a:CaPath = null: must be a text",
            "NetworkProtocol:Log:File = null: must be a text",
            "NetworkProtocol:Server:TrustedProxies:a = 10.0.0.0/8: must be NetworkProtocol:Server:TrustedProxies:0",
            "NetworkProtocol:Admin:Users = (hidden): must be a section",
            "NetworkProtocol:Http:MetricsNetworks = 10.0.9.0/24: must be a list",
            "NetworkProtocol:Http:Tls = /x.pem: must be a section with CertificatePath, KeyPath",
            "Serilog:MinimumLevel:Default = Verbos: must be one of Verbose, Debug, Information, Warning, Error, Fatal",
            "Kestrel: must not be set",
            "is set twice, by the environment variables",
        ];
        var lines = result.Errors.TrimEnd().Split('\n');
        // The message writes a key in the case of one of its sources.
        Assert.All(expected, text => Assert.Single(lines, line => line.Contains(text, StringComparison.OrdinalIgnoreCase)));
        Assert.Equal(expected.Length, lines.Length);
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_is_refused_at_the_start()
    {
        var result = await CheckAsync(null, "--NetworkProtocol:Log:File=/proc/none/server-.json", "--NetworkProtocol:Log:RetainedFiles=0");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("NetworkProtocol:Log:RetainedFiles = 0: must be 1 to 10000\n", result.Errors, StringComparison.Ordinal);
        Assert.Contains(
            "NetworkProtocol:Log:File = /proc/none/server-.json: must be a file in a folder that the program can write",
            result.Errors, StringComparison.Ordinal);
        Assert.Equal(2, result.Errors.TrimEnd().Split('\n').Length);
    }

    [Theory]
    [InlineData("web/1")]
    [InlineData("..")]
    public async Task A_node_id_that_no_key_can_have_is_refused(string id)
    {
        var result = await CheckAsync(null, "--NetworkProtocol:Server:Tls:Mode=Disabled", $"--NetworkProtocol:Cluster:NodeId={id}");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            $"NetworkProtocol:Cluster:NodeId = {id}: must be 1 to 128 letters, digits, dots, underscores, hyphens and colons, "
                + "as web-1, and not . or ..\n",
            result.Errors);
    }

    [Fact]
    public async Task Pairs_that_cancel_each_other_are_refused()
    {
        using var files = CertificateFiles.Create();
        var result = await CheckAsync(
            null,
            "--NetworkProtocol:Server:Tls:Mode=Optional",
            $"--NetworkProtocol:Server:Tls:CertificatePath={files.Certificate}",
            $"--NetworkProtocol:Server:Tls:KeyPath={files.Key}",
            "--NetworkProtocol:Server:Tls:ClientCertificates=Required",
            $"--NetworkProtocol:Server:Tls:ClientCaPath={files.Authority}",
            "--NetworkProtocol:Server:TrustedProxies:0=0.0.0.0/0",
            "--NetworkProtocol:Http:TrustedProxies:0=::/0",
            "--NetworkProtocol:Upstreams:orders:Addresses:0=localhost",
            "--NetworkProtocol:Upstreams:orders:Transport=SecureHandshake",
            $"--NetworkProtocol:Upstreams:orders:CaPath={files.Authority}",
            "--NetworkProtocol:Edge:HubAddress=localhost",
            "--NetworkProtocol:Edge:Transport=None",
            $"--NetworkProtocol:Edge:CertificatePath={files.Certificate}",
            $"--NetworkProtocol:Edge:KeyPath={files.Key}",
            "--NetworkProtocol:Edge:Path=/tmp/the-buffer",
            "--NetworkProtocol:Hub:Store=Sqlite",
            "--NetworkProtocol:Hub:Forward:Address=localhost",
            "--NetworkProtocol:Hub:Forward:Transport=None",
            "--NetworkProtocol:Hub:Forward:Path=/tmp/./the-buffer");
        Assert.Equal(1, result.ExitCode);
        Assert.All(
            (string[])
            [
                "NetworkProtocol:Server:Tls:ClientCertificates = Required: must be set together with Tls:Mode = Required",
                "NetworkProtocol:Server:TrustedProxies = 0.0.0.0/0: must be the networks of your proxies",
                "NetworkProtocol:Http:TrustedProxies = ::/0: must be the networks of your proxies",
                "NetworkProtocol:Upstreams:orders:Transport = SecureHandshake: must be Tls together with CaPath",
                "NetworkProtocol:Edge:Transport = None: must be Tls together with CaPath",
                "NetworkProtocol:Hub:Forward:Transport = None: must be Tls or SecureHandshake",
                "NetworkProtocol:Hub:Forward:Path = /tmp/./the-buffer: must not be NetworkProtocol:Edge:Path",
            ],
            line => Assert.Contains(line, result.Errors, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_set_twice_or_by_half_is_refused()
    {
        using var files = CertificateFiles.Create();
        var result = await CheckAsync(
            null,
            "--NetworkProtocol:Server:Tls:Mode=Optional",
            "--NetworkProtocol:Server:Tls:ClientCertificates=Optional",
            $"--NetworkProtocol:Server:Tls:KeyPath={files.Key}",
            $"--NetworkProtocol:Http:Tls:KeyPath={files.Key}",
            $"--NetworkProtocol:Admin:Password={Console.ConsoleServer.Hash}",
            "--NetworkProtocol:Admin:PasswordFile=/nowhere",
            $"--NetworkProtocol:Admin:Users:admin:Password={Console.ConsoleServer.Hash}",
            "--NetworkProtocol:Admin:OpenIdConnect:Authority=http://id.example",
            "--NetworkProtocol:Admin:OpenIdConnect:ClientSecret=secret",
            $"--NetworkProtocol:Admin:OpenIdConnect:ClientSecretFile={files.Key}",
            "--NetworkProtocol:Upstreams:orders:Addresses:0=localhost",
            "--NetworkProtocol:Upstreams:orders:Commands:0=ORDER",
            $"--NetworkProtocol:Upstreams:orders:KeyPath={files.Key}",
            "--NetworkProtocol:Upstreams:more:Addresses:0=localhost",
            "--NetworkProtocol:Upstreams:more:Commands:0=ORDER",
            "--NetworkProtocol:Upstreams:more:Transport=SecureHandshake",
            $"--NetworkProtocol:Upstreams:more:CertificatePath={files.Certificate}",
            $"--NetworkProtocol:Upstreams:more:KeyPath={files.Key}");
        Assert.Equal(1, result.ExitCode);
        string[] expected =
        [
            $"NetworkProtocol:Server:Tls:KeyPath = {files.Key}: must be set together with Tls:CertificatePath",
            "NetworkProtocol:Server:Tls:CertificatePath = : must be an existing PEM file unless Tls:Mode is Disabled",
            "NetworkProtocol:Server:Tls:ClientCaPath = : must be an existing PEM file when Tls:ClientCertificates is not None",
            $"NetworkProtocol:Http:Tls:KeyPath = {files.Key}: must be set together with Tls:CertificatePath",
            "NetworkProtocol:Admin:PasswordFile = /nowhere: must not be set together with Password",
            "NetworkProtocol:Admin:Users:admin: NetworkProtocol:Admin:Password already sets the password of this user",
            "NetworkProtocol:Admin:OpenIdConnect:Authority = http://id.example: must be an https:// address",
            "NetworkProtocol:Admin:OpenIdConnect:ClientId = : must be set together with Authority",
            $"NetworkProtocol:Admin:OpenIdConnect:ClientSecretFile = {files.Key}: must not be set together with ClientSecret",
            "NetworkProtocol:Admin:OpenIdConnect:Operators = : Operators or Viewers must have a value",
            $"NetworkProtocol:Upstreams:orders:KeyPath = {files.Key}: must be set together with CertificatePath",
            "NetworkProtocol:Upstreams: the command ORDER is assigned to two upstreams",
            "NetworkProtocol:Upstreams:more:Transport = SecureHandshake: must be Tls together with CaPath or CertificatePath",
        ];
        var lines = result.Errors.TrimEnd().Split('\n');
        Assert.All(expected, text => Assert.Single(lines, line => line.StartsWith(text, StringComparison.Ordinal)));
        Assert.Equal(expected.Length, lines.Length);
    }

    [Theory]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("10.0.0.0/8 ::/0", "::/0")]
    [InlineData("0.0.0.0/1 128.0.0.0/1", "0.0.0.0/1, 128.0.0.0/1")]
    [InlineData("192.0.0.0/3 128.0.0.0/2 10.0.0.0/8 0.0.0.0/1", "192.0.0.0/3, 128.0.0.0/2, 10.0.0.0/8, 0.0.0.0/1")]
    [InlineData("fc00::/7 3000::/4 2000::/4", "3000::/4, 2000::/4")]
    [InlineData("2000::/3", "2000::/3")]
    [InlineData("::ffff:0:0/96", "::ffff:0:0/96")] // all of IPv4, on a port that listens on both IP versions
    [InlineData("0.0.0.0/1 128.0.0.0/2 10.0.0.0/8 fd00::/8 none", null)]
    [InlineData("", null)]
    public void Proxies_that_are_everyone_are_refused_at_both_ports_in_whatever_pieces(string proxies, string? everyone)
    {
        var (server, http) = (new ServerOptions { Tls = { Mode = TlsMode.Disabled } }, new NetworkProtocol.Web.HttpOptions());
        foreach (var proxy in proxies.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            server.TrustedProxies.Add(proxy);
            http.TrustedProxies.Add(proxy);
        }

        var results = new[]
        {
            new ServerOptionsValidator().Validate(null, server),
            new NetworkProtocol.Web.HttpOptionsValidator().Validate(null, http),
        };
        var found = results.SelectMany(result => result.Failures ?? [])
            .Where(failure => failure.Contains("must be the networks of your proxies", StringComparison.Ordinal)).ToArray();
        string[] expected = everyone is null
            ? []
            : [$"NetworkProtocol:Server:TrustedProxies = {everyone}: must", $"NetworkProtocol:Http:TrustedProxies = {everyone}: must"];
        Assert.Equal(expected, found.Select(failure => failure[..(failure.IndexOf(": must", StringComparison.Ordinal) + 6)]));
    }

    [Theory]
    [InlineData("Disabled", "Required", true, "Tls:ClientCertificates = Required: must be set together with Tls:Mode = Required")]
    [InlineData("Disabled", "Optional", true, "Tls:ClientCertificates = Optional: must be None while Tls:Mode is Disabled")]
    [InlineData("Required", "None", true, "Tls:ClientCaPath")]
    [InlineData("Required", "Required", true, null)]
    [InlineData("Optional", "Optional", true, null)]
    [InlineData("Optional", "None", false, null)]
    public void Client_certificates_are_asked_for_by_every_way_in_or_the_start_is_refused(
        string mode, string clientCertificates, bool withAuthority, string? problem)
    {
        using var files = CertificateFiles.Create();
        var options = new ServerOptions
        {
            Tls =
            {
                Mode = Enum.Parse<TlsMode>(mode),
                ClientCertificates = Enum.Parse<ClientCertificates>(clientCertificates),
                CertificatePath = files.Certificate,
                KeyPath = files.Key,
                ClientCaPath = withAuthority ? files.Authority : "",
            },
        };
        var result = new ServerOptionsValidator().Validate(null, options);
        Assert.Equal(problem is null, result.Succeeded);
        Assert.StartsWith(
            $"NetworkProtocol:Server:{problem}", result.FailureMessage ?? "NetworkProtocol:Server:", StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_no_effect_is_warned_of_and_a_foreign_credential_is_not_read()
    {
        var credentials = _folder.CreateSubdirectory("credentials");
        File.CreateSymbolicLink(Path.Combine(credentials.FullName, "foreign"), "/nowhere"); // unreadable also for root
        var result = await CheckAsync(
            start => start.Environment["CREDENTIALS_DIRECTORY"] = credentials.FullName,
            "--NetworkProtocol:Server:Tls:Mode=Disabled", "--NetworkProtocol:Server:MaxConnections=5",
            "--NetworkProtocol:Server:MaxConnectionsPerAddress=6",
            "--NetworkProtocol:Admin:OpenIdConnect:ClientId=x");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("foreign is not read, because its name is not the name of a setting", result.Errors, StringComparison.Ordinal);
        Assert.Contains("MaxConnectionsPerAddress = 6: is never reached", result.Errors, StringComparison.Ordinal);
        Assert.Contains("OpenIdConnect: is not used", result.Errors, StringComparison.Ordinal);

        File.CreateSymbolicLink(Path.Combine(credentials.FullName, "NetworkProtocol__Admin__Password"), "/nowhere");
        result = await CheckAsync(
            start => start.Environment["CREDENTIALS_DIRECTORY"] = credentials.FullName, "--NetworkProtocol:Server:Tls:Mode=Disabled");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("NetworkProtocol__Admin__Password", Assert.Single(result.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_less_safe_than_it_looks_is_warned_of()
    {
        using var files = CertificateFiles.Create();
        string[] settings =
        [
            "--NetworkProtocol:Server:Tls:Mode=Disabled",
            $"--NetworkProtocol:Server:Tls:CertificatePath={files.Certificate}",
            $"--NetworkProtocol:Server:Tls:KeyPath={files.Key}",
            $"--NetworkProtocol:Admin:Users:vera:Password={Console.ConsoleServer.Hash}",
            "--NetworkProtocol:Admin:OpenIdConnect:Authority=http://id.example",
            "--NetworkProtocol:Admin:OpenIdConnect:AllowHttp=true",
            "--NetworkProtocol:Admin:OpenIdConnect:ClientId=console",
            "--NetworkProtocol:Admin:OpenIdConnect:Operators:0=operators",
        ];
        var result = await CheckAsync(null, settings);
        Assert.Equal(0, result.ExitCode);
        string[] expected =
        [
            $"WARNING: NetworkProtocol:Server:Tls:CertificatePath = {files.Certificate}: is not used, because Tls:Mode is Disabled",
            "WARNING: NetworkProtocol:Admin:OpenIdConnect:AllowHttp = True: anyone between this server and "
                + "the provider can sign in as any user",
            "WARNING: NetworkProtocol:Http:Listen = 0.0.0.0:8080: passwords cross the network without encryption",
        ];
        var lines = result.Errors.TrimEnd().Split('\n');
        Assert.All(expected, text => Assert.Single(lines, line => line.StartsWith(text, StringComparison.Ordinal)));
        Assert.Equal(expected.Length, lines.Length);
    }

    [Theory]
    [InlineData("0.0.0.0:8080", "", "", true)]
    [InlineData("[::]:8080", "", "", true)]
    [InlineData("127.0.0.1:8080", "", "", false)]
    [InlineData("[::1]:8080", "", "", false)]
    [InlineData("0.0.0.0:8080", "10.0.0.0/8", "", false)]
    [InlineData("0.0.0.0:8080", "", "/etc/fullchain.pem", false)]
    public void Passwords_in_the_clear_are_warned_of_only_where_a_network_carries_them(
        string listen, string proxy, string certificate, bool isWarnedOf)
    {
        var http = new NetworkProtocol.Web.HttpOptions { Listen = listen, Tls = { CertificatePath = certificate } };
        if (proxy.Length > 0)
        {
            http.TrustedProxies.Add(proxy);
        }

        var (server, admin) = (new ServerOptions(), new NetworkProtocol.Web.Access.AdminOptions());
        Assert.Empty(NetworkProtocol.Web.ConfigurationWarnings.Find(server, http, admin)); // nobody has a password
        admin.PasswordFile = "/etc/password";
        Assert.Equal(isWarnedOf, NetworkProtocol.Web.ConfigurationWarnings.Find(server, http, admin).Any());
    }

    [Theory]
    [InlineData("/nowhere/local.sock", "in an existing folder, and there is no /nowhere")]
    [InlineData("local.sock", "an absolute path")]
    [InlineData("/tmp/", "a path for a socket, and is a folder")]
    [InlineData(
        "/tmp/äääääääääääääääääääääääääääääääääääääääääääääääääääääää",
        "at most 107 bytes long, and has")]
    public void A_Unix_socket_that_cannot_be_made_is_found_by_the_check(string path, string problem) => Assert.Contains(
        problem,
        new ServerOptionsValidator().Validate(
            null, new ServerOptions { LocalSocket = path, Tls = { Mode = TlsMode.Disabled } }).FailureMessage,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(HubStoreKind.Sqlite, "the-buffer", "/content/the-buffer", true)]
    [InlineData(HubStoreKind.Sqlite, "the-buffer", "the-buffer", false)] // that of the edge is in the working directory
    [InlineData(HubStoreKind.Sqlite, "/content/the-buffer", "/content/the-buffer/", true)]
    [InlineData(HubStoreKind.Sqlite, "/content/the-buffer/", "/content/the-buffer", true)]
    [InlineData(HubStoreKind.PostgreSql, "/content/the-buffer", "/content/the-buffer", false)] // there is no folder
    public void The_buffers_of_an_edge_and_of_a_hub_need_two_folders(HubStoreKind store, string hub, string edge, bool isRefused)
    {
        var services = new ServiceCollection();
        services.AddNextHub();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["NetworkProtocol:Edge:HubAddress"] = "localhost",
            ["NetworkProtocol:Edge:Path"] = edge,
        }).Build());
        using var provider = services.BuildServiceProvider();
        var result = provider.GetRequiredService<IValidateOptions<HubOptions>>().Validate(
            null, new HubOptions { Store = store, Forward = { Address = "localhost", Path = hub, Root = "/content" } });
        Assert.Equal(isRefused, result.FailureMessage?.Contains("must not be NetworkProtocol:Edge:Path", StringComparison.Ordinal) == true);
    }

    private static Task<ToolResult> CheckAsync(Action<ProcessStartInfo>? setUp, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "NetworkProtocol.Web.dll"), .. arguments, "--check-config"])
        {
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        setUp?.Invoke(start);
        return Tool.RunAsync(start);
    }
}
