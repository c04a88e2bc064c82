using Integration.Tests;
using Integration.Tests.Console;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Integration.Tests." + nameof(LongestFirst), "Integration.Tests")]

namespace Integration.Tests;

/// <summary>
/// Starts the longest tests first, so that no processor idles at the end. The builds among them use the processor time that
/// other tests leave.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest =
        [SharedBrowser.Name, nameof(Operations.ImageTests), nameof(SeparateBuild), nameof(StrangeRequestTests)];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(
            collection => !Array.Exists(Longest, name => collection.DisplayName.EndsWith(name, StringComparison.Ordinal)));
}
