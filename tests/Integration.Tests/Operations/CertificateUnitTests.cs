using System.Globalization;
using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>The drop-in for port 80 and certbot's timer, checked by systemd.</summary>
public sealed partial class CertificateUnitTests : IDisposable
{
    private const string Unit = "network-protocol.service";
    private const double MostExposure = 2.0;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("units-");

    [Fact]
    public async Task The_service_with_port_80_verifies_and_exposes_little()
    {
        var unit = await File.ReadAllTextAsync(Repository.Deploy($"systemd/{Unit}"));
        await File.WriteAllTextAsync(Under(Unit), ProgramPath().Replace(unit, "/bin/true"));
        File.Copy(Repository.Deploy("systemd/network-protocol.socket"), Under("network-protocol.socket"));
        File.Copy(Repository.Deploy("systemd/network-protocol-port.service"), Under("network-protocol-port.service"));
        var alone = await ExposureAsync();
        _folder.CreateSubdirectory($"{Unit}.d");
        File.Copy(Repository.Deploy($"systemd/{Unit}.d/challenge.conf"), Under($"{Unit}.d/challenge.conf"));

        Assert.Equal(
            "",
            (await Tool.RunAsync(
                "systemd-analyze", "--man=no", "verify", Under(Unit),
                Under("network-protocol.socket"), Under("network-protocol-port.service"))).Good().All);
        var exposure = await ExposureAsync();
        Assert.InRange(exposure, alone + 0.01, MostExposure); // more than without the drop-in, so systemd read the drop-in
    }

    [Fact]
    public async Task The_timer_and_its_service_verify()
    {
        foreach (var file in Directory.GetFiles(Repository.Deploy("certbot"), "certbot-renew.*"))
        {
            File.Copy(file, Under(Path.GetFileName(file)));
        }

        var result = await Tool.RunAsync(
            "systemd-analyze", "--man=no", "verify", Under("certbot-renew.service"), Under("certbot-renew.timer"));
        Assert.Equal("", result.Good().All);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Under(string path) => Path.Combine(_folder.FullName, path);

    private async Task<double> ExposureAsync()
    {
        var result = await Tool.RunAsync("systemd-analyze", "security", "--offline=true", "--no-pager", Under(Unit));
        return double.Parse(Exposure().Match(result.All).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("/opt/network-protocol/current/NetworkProtocol.Web")]
    private static partial Regex ProgramPath();

    [GeneratedRegex(@"Overall exposure level for \S+: ([0-9.]+)")]
    private static partial Regex Exposure();
}
