using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Integration.Tests.Console;

namespace Integration.Tests.Operations;

/// <summary>The Dockerfile's image, run as a container engine would run it.</summary>
public sealed class ImageTests(ImageBuild image) : IClassFixture<ImageBuild>
{
    private const string Plain = "--NetworkProtocol:Server:Tls:Mode=Disabled";

    [Fact]
    public void It_has_both_programs_and_the_consoles_files()
    {
        var files = Directory.GetFiles(image.App, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(image.App, file)).ToArray();
        Assert.Contains("NetworkProtocol.Web", files);
        Assert.Contains("netproto/netproto", files);
        Assert.Contains("wwwroot/charts.js", files);
        Assert.Contains(files, file => Regex.IsMatch(file, @"^wwwroot/_framework/blazor\.web(\.\w+)?\.js$"));
    }

    [Fact]
    public async Task It_starts_with_what_was_compiled_ahead_of_time()
    {
        await using var room = new ImageRoom(image).With("DOTNET_JitDisasmSummary", "1")
            .With("DOTNET_JitStdOutFile", "/var/lib/network-protocol/compiled");
        await room.StartAsync(Plain);
        var compiled = room.ReadLines("/var/lib/network-protocol/compiled");

        // About 550 methods: those that ahead-of-time compilation has to leave to the start. Without it there are 2,800; the console's
        // endpoints were compiled even so.
        Assert.InRange(compiled.Length, 1, 900);
        Assert.DoesNotContain(compiled, method => method.Contains("lambda_method", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_serves_signs_in_and_drains_without_root_home_and_anything_to_write_but_its_volume()
    {
        await using var room = new ImageRoom(image);
        var listen = $"127.0.0.1:{FreePort.Take()}";
        room.With("NetworkProtocol__Http__Listen", listen);
        var server = await room.StartAsync(Plain, $"--NetworkProtocol:Http:Listen={listen}");
        Assert.Equal("1654 1654 1654 1654", room.Status("Uid").Replace('\t', ' '));
        Assert.Equal(0, long.Parse(room.Status("CapEff"), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        Assert.Equal("1", room.Status("NSpid").Split('\t')[^1]);

        using var session = await AdminSession.SignInAsync(server);
        Assert.Equal("READY", await session.Http.GetStringAsync("/ready"));
        Assert.Contains("Overview", await session.Http.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await session.Http.GetAsync("/_framework/blazor.web.js")).StatusCode);
        Assert.Equal("200 OK", (await room.CheckHealthAsync()).Good().All.Trim());

        await room.SignalAsync("TERM");
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.DoesNotContain(server.Output.Split('\n'), line => // the ready check logs the start and the drain
            Regex.IsMatch(line, "\"@l\":\"(Error|Fatal|Warning)\"") && !line.Contains("\"@m\":\"Check ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_reads_what_Kubernetes_mounts_and_a_renewed_certificate_without_a_restart()
    {
        using var files = CertificateFiles.Create();
        using var settings = new MountedFolder(
            ("appsettings.json", await File.ReadAllTextAsync(Repository.Deploy("kubernetes/base/appsettings.json"))));
        using var credentials = new MountedFolder(("NetworkProtocol__Admin__Password", ConsoleServer.Hash + "\n"));
        using var tls = new MountedFolder(Pair(files));
        await using var room = new ImageRoom(image).With("CREDENTIALS_DIRECTORY", "/run/credentials")
            .Mount(settings.Path, "/etc/network-protocol").Mount(credentials.Path, "/run/credentials").Mount(tls.Path, "/run/tls");
        var server = await room.StartAsync();
        using var session = new AdminSession(server);
        Assert.Equal(HttpStatusCode.Redirect, (await session.SignInAsync("admin", ConsoleServer.Password)).StatusCode);

        var serial = files.WriteServer();
        tls.Update(Pair(files));
        await Eventually.Async(
            async () => (await session.Http.GetStringAsync("/api/v1/certificates")).Contains(serial, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Without_a_home_it_says_which_folders_it_misses()
    {
        await using var room = new ImageRoom(image).With("STATE_DIRECTORY", "");
        var certificate = await room.RunAsync("./NetworkProtocol.Web", "--environment=Development");
        Assert.Equal(1, certificate.ExitCode);
        Assert.Contains("(HOME)", certificate.All, StringComparison.Ordinal);
        var data = await room.RunAsync("./NetworkProtocol.Web", Plain);
        Assert.Equal(1, data.ExitCode);
        Assert.Contains("DataPath (else STATE_DIRECTORY, else HOME)", data.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_is_in_the_image()
    {
        await using var room = new ImageRoom(image);
        Assert.Contains("netproto echo", (await room.RunAsync("netproto/netproto", "--help")).Good().Output, StringComparison.Ordinal);
    }

    private static (string Name, string Text)[] Pair(CertificateFiles files) =>
        [("tls.crt", File.ReadAllText(files.Certificate)), ("tls.key", File.ReadAllText(files.Key))];
}
