using System.Text.RegularExpressions;
using Integration.Tests.Operations;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Components.Parts;

namespace Integration.Tests.Console;

/// <summary>All texts use one family of byte units: KiB, MiB, GiB.</summary>
public sealed partial class ByteUnitTests
{
    [Theory]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1_500_000, "1.4 MiB")]
    [InlineData(3_000_000_000, "2.8 GiB")]
    public void The_console_counts_in_powers_of_1024(double bytes, string text) => Assert.Equal(text, Format.Bytes(bytes));

    [Fact]
    public void No_text_of_console_netproto_or_pages_counts_in_powers_of_1000()
    {
        foreach (var file in (string[])[
            .. Files("src"), .. Files("docs"), .. Files("wwwroot"), .. Files("deploy"), Path.Combine(Repository.Root, "README.md")])
        {
            Assert.True(
                Decimal().Match(File.ReadAllText(file)) is { Success: false }, $"{file}: {Decimal().Match(File.ReadAllText(file)).Value}");
        }
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file)
                is ".cs" or ".razor" or ".js" or ".md" or ".conf" or ".json" or ".yml" or ".yaml" or ".sh"
                && !Path.GetRelativePath(Repository.Root, file).Split('/').Any(part => part is "bin" or "obj" or "generated"));

    [GeneratedRegex("""[0-9] ?[kKMGT]B\b|["' ][kKMGT]B(/s)?["' ,.]""")]
    private static partial Regex Decimal();
}
