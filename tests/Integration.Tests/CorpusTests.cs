using Fuzz;

namespace Integration.Tests;

/// <summary>Replays the inputs that fuzzing found. tests/Fuzz finds more.</summary>
public sealed class CorpusTests
{
    public static TheoryData<string> Names => [.. Targets.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_that_was_found_breaks_a_promise(string target)
    {
        var inputs = Corpus.Load(Corpus.DirectoryOf(AppContext.BaseDirectory, target)).ToList();
        Assert.NotEmpty(inputs);
        Assert.All(inputs, input => Targets.All[target](input));
    }
}
