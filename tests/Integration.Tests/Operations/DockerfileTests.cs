using System.Globalization;
using System.Text.RegularExpressions;
using NetworkProtocol.Server;
using NetworkProtocol.Web;
using NetworkProtocol.Web.Node;

namespace Integration.Tests.Operations;

/// <summary>Checks the text of the Dockerfile and of the files for its builder. ImageTests runs them.</summary>
public sealed class DockerfileTests
{
    private readonly Dockerfile _dockerfile = Dockerfile.Read();

    [Fact]
    public void It_starts_from_Microsofts_images_of_the_framework_that_is_built_for()
    {
        var framework = Regex.Match(
            File.ReadAllText(Path.Combine(Repository.Root, "Directory.Build.props")), "<TargetFramework>net([0-9.]+)<").Groups[1].Value;
        Assert.Equal($"mcr.microsoft.com/dotnet/sdk:{framework}", _dockerfile.Build[0].Words[0]);
        Assert.Equal($"mcr.microsoft.com/dotnet/runtime-deps:{framework}-noble-chiseled", _dockerfile.Image[0].Words[0]);
    }

    [Fact]
    public void It_runs_as_a_user_by_number_and_needs_no_shell()
    {
        Assert.Matches("^[1-9][0-9]+:[1-9][0-9]+$", _dockerfile.One("USER").Text);
        Assert.Equal(["./NetworkProtocol.Web"], _dockerfile.One("ENTRYPOINT").Command);
        Assert.Equal(["./NetworkProtocol.Web", "--probe"], _dockerfile.One("HEALTHCHECK").Command);
        Assert.Empty(_dockerfile.All("RUN"));
        Assert.Equal(
            _dockerfile.One("USER").Text,
            _dockerfile.All("COPY").Single(copy => copy.Words[^1] == _dockerfile.One("VOLUME").Text).Flag("chown"));
    }

    [Fact]
    public void Its_ports_and_folders_are_the_programs()
    {
        Assert.Equal([PortOf(new ServerOptions().Listen), PortOf(new HttpOptions().Listen)], _dockerfile.One("EXPOSE").Words);
        Assert.Equal(_dockerfile.Environment["STATE_DIRECTORY"], _dockerfile.One("VOLUME").Text);
        Assert.Equal("", _dockerfile.Environment["ASPNETCORE_HTTP_PORTS"]);
    }

    [Fact]
    public void No_secret_and_nothing_needless_reaches_the_builder()
    {
        var files = BuildContext.Files().ToArray();
        Assert.Contains("src/Web/Program.cs", files);
        Assert.DoesNotContain(
            files,
            file => Regex.IsMatch(
                file, @"^\.git/|^tests/|(^|/)(bin|obj)/|\.(pem|key|pfx|crt|hash|user)$|credential|secret", RegexOptions.IgnoreCase));
        Assert.DoesNotContain(
            _dockerfile.Environment.Concat(Arguments()),
            pair => Regex.IsMatch(pair.Key, "password|token|key$|secret$", RegexOptions.IgnoreCase));
        Assert.Equal(["deploy/publish.sh"], files.Where(file => file.StartsWith("deploy/", StringComparison.Ordinal)));
    }

    private IEnumerable<KeyValuePair<string, string>> Arguments() => _dockerfile.Build.Concat(_dockerfile.Image)
        .Where(instruction => instruction.Keyword is "ARG" or "LABEL").Select(instruction => KeyValuePair.Create(instruction.Text, ""));

    private static string PortOf(string listen) => System.Net.IPEndPoint.Parse(listen).Port.ToString(CultureInfo.InvariantCulture);
}
