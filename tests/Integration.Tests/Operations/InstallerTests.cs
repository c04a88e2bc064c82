namespace Integration.Tests.Operations;

/// <summary>install.sh and uninstall.sh, with a folder in place of the system's root.</summary>
public sealed class InstallerTests : IDisposable
{
    private const string Program = "opt/network-protocol/current/NetworkProtocol.Web.dll";
    private const string SocketDropIn = "etc/systemd/system/network-protocol.service.d/socket.conf";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("root-");
    private readonly DirectoryInfo _published = Directory.CreateTempSubdirectory("published-");

    [Fact]
    public async Task Installing_twice_keeps_what_the_operator_has_changed()
    {
        await PublishAsync("1");
        (await InstallAsync()).Good();
        Assert.Equal("1", await File.ReadAllTextAsync(Under(Program)));
        Assert.True(File.Exists(Under("etc/systemd/system/multi-user.target.wants/network-protocol.service")));
        Assert.True(File.Exists(Under("etc/systemd/system/sockets.target.wants/network-protocol.socket")));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
            File.GetUnixFileMode(Under("etc/network-protocol/tls/privkey.pem")));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Under("etc/network-protocol/credentials")));

        var key = await File.ReadAllTextAsync(Under("etc/network-protocol/tls/privkey.pem"));
        await File.WriteAllTextAsync(Under("etc/network-protocol/appsettings.json"), "{ }");
        await PublishAsync("2");
        (await InstallAsync()).Good();
        Assert.Equal("2", await File.ReadAllTextAsync(Under(Program)));
        Assert.Equal("{ }", await File.ReadAllTextAsync(Under("etc/network-protocol/appsettings.json")));
        Assert.Equal(key, await File.ReadAllTextAsync(Under("etc/network-protocol/tls/privkey.pem")));
    }

    [Fact]
    public async Task Three_programs_are_kept_and_what_an_earlier_installer_has_left_is_not()
    {
        Directory.CreateDirectory(Under("opt/network-protocol"));
        await File.WriteAllTextAsync(Under("opt/network-protocol/NetworkProtocol.Web.dll"), "0");
        for (var version = 1; version <= 5; version++)
        {
            await PublishAsync($"{version}");
            (await InstallAsync()).Good();
        }

        Assert.Equal(
            ["3", "4", "5"],
            Directory.GetDirectories(Under("opt/network-protocol/versions")).Order(StringComparer.Ordinal)
                .Select(folder => File.ReadAllText(Path.Combine(folder, "NetworkProtocol.Web.dll"))));
        Assert.False(File.Exists(Under("opt/network-protocol/NetworkProtocol.Web.dll")));
    }

    [Fact]
    public async Task The_port_is_the_sockets_while_that_is_enabled()
    {
        await PublishAsync("1");
        (await InstallAsync()).Good();
        Assert.True(File.Exists(Under(SocketDropIn)));
        (await Tool.RunAsync("systemctl", $"--root={_root.FullName}", "disable", "network-protocol.socket")).Good();
        (await InstallAsync()).Good();
        Assert.False(File.Exists(Under(SocketDropIn)));
    }

    [Fact]
    public async Task The_settings_that_it_installs_are_valid()
    {
        await PublishAsync("1");
        (await InstallAsync()).Good();
        var settings = Under("etc/network-protocol");
        var start = new System.Diagnostics.ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "NetworkProtocol.Web.dll"), "--check-config",
            $"--NetworkProtocol:Server:Tls:CertificatePath={settings}/tls/fullchain.pem",
            $"--NetworkProtocol:Server:Tls:KeyPath={settings}/tls/privkey.pem",
            $"--NetworkProtocol:Admin:DataPath={Under("state")}",
        ]) { WorkingDirectory = AppContext.BaseDirectory };
        start.Environment["CONFIGURATION_DIRECTORY"] = settings;
        start.Environment["CREDENTIALS_DIRECTORY"] = Path.Combine(settings, "credentials");
        Assert.Contains("The configuration is valid.", (await Tool.RunAsync(start)).Good().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Uninstalling_twice_keeps_what_is_the_operators_and_purging_does_not()
    {
        await PublishAsync("1");
        (await InstallAsync()).Good();
        (await UninstallAsync()).Good();
        (await UninstallAsync()).Good();
        Assert.False(Directory.Exists(Under("opt/network-protocol")));
        Assert.Empty(Directory.GetFiles(Under("etc/systemd/system"), "network-protocol*", SearchOption.AllDirectories));
        Assert.True(File.Exists(Under("etc/network-protocol/tls/privkey.pem")));
        (await UninstallAsync("--purge")).Good();
        Assert.False(Directory.Exists(Under("etc/network-protocol")));
    }

    [Fact]
    public async Task What_was_never_published_is_not_installed()
    {
        var result = await InstallAsync();
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("run deploy/publish.sh first", result.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Under("opt/network-protocol")));
    }

    public void Dispose()
    {
        _root.Delete(recursive: true);
        _published.Delete(recursive: true);
    }

    private string Under(string path) => Path.Combine(_root.FullName, path);

    private async Task PublishAsync(string version) =>
        await File.WriteAllTextAsync(Path.Combine(_published.FullName, "NetworkProtocol.Web.dll"), version);

    private Task<ToolResult> InstallAsync() =>
        Tool.RunAsync(Repository.Deploy("systemd/install.sh"), "--root", _root.FullName, _published.FullName);

    private Task<ToolResult> UninstallAsync(params string[] more) =>
        Tool.RunAsync(Repository.Deploy("systemd/uninstall.sh"), ["--root", _root.FullName, .. more]);
}
