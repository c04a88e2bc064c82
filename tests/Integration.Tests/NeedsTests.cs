using System.Text.RegularExpressions;
using Integration.Tests.Operations;

namespace Integration.Tests;

/// <summary>
/// <c>tests/run --quick</c> skips the namespaces Operations and Console, and tests with the trait Needs: <c>Program</c> starts a program,
/// ours or another one, and <c>Time</c> takes long.
/// </summary>
public sealed class NeedsTests
{
    private const string Trait = "[Trait(\"Needs\"";
    private const string Starts =
        @"\b(ServerProcess|NetprotoProcess|Operator|OpenSsl|Tool|BlackHole)\.\w+\(|\bSeparateBuild\b|\bProcess\.Start\b|\bBackground\.";

    [Fact]
    public void What_starts_a_program_says_so()
    {
        var silent = Directory.GetFiles(Path.Combine(Repository.Root, "tests/Integration.Tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Where(file => !Regex.IsMatch(file, "/(Operations|Console|bin|obj)/|/NeedsTests.cs$"))
            .Where(file => File.ReadAllText(file) is var text
                && Regex.IsMatch(text, Starts)
                && !text.Contains(Trait, StringComparison.Ordinal))
            .Select(file => $"{Path.GetFileName(file)} starts a program: its class or the test needs {Trait}, \"Program\")]");
        Assert.Empty(silent);
    }
}
